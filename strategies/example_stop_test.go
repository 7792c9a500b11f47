//go:build unix

package strategies_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Source waits for an event, or returns an error when its context is done.
type Source func(context.Context) (Event, error)

// serve hands over what the sources give until the process is told to stop, and then
// the rest of what was sent.
func serve(sources []Source, handle func([]Event) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	f := strategies.NewLanesRing[Event](strategies.Options{})
	c := f.Consumer()
	defer c.Close()

	keeper := f.Producer() // as long as it is open, others may come
	defer context.AfterFunc(ctx, keeper.Close)()
	for _, next := range sources {
		p := f.Producer()
		go func() {
			defer p.Close()
			for ctx.Err() == nil {
				event, err := next(ctx)
				if err == nil {
					err = p.Send(event) // not SendContext: what was taken is delivered
				}
				if err != nil {
					return
				}
			}
		}()
	}
	return receive(c, handle) // ends when all have closed and all is received
}

// A signal stops the producers; what they have sent is still received.
func Example_stop() {
	var sent atomic.Int64
	source := func(context.Context) (Event, error) { return Event{ID: int(sent.Add(1))}, nil }
	received := int64(0)
	err := serve([]Source{source, source, source}, func(events []Event) error {
		before := received
		received += int64(len(events))
		if before < 1000 && received >= 1000 {
			return syscall.Kill(os.Getpid(), syscall.SIGTERM)
		}
		return nil
	})
	fmt.Println(received == sent.Load(), err)
	// Output: true <nil>
}
