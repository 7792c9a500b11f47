package strategies_test

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// batchEvery hands over what comes, and flushes at each tick, until the fan-in ends or ctx
// is done.
func batchEvery(ctx context.Context, c strategies.Consumer[Event], tick <-chan time.Time, handle func([]Event), flush func()) error {
	ready := c.(strategies.Readier) // all of this package but chan-bare and chan-unbuffered
	buf := make([]Event, 256)
	for {
		select {
		case <-ready.Ready():
			n, err := c.TryRecv(buf)
			for n > 0 {
				handle(buf[:n])
				n, err = c.TryRecv(buf)
			}
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
		case <-tick:
			flush()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// A consumer waits for items, a ticker and a context at once.
func ExampleReadier() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	f := strategies.NewMPSCRing[Event](strategies.Options{})
	c := f.Consumer()
	defer c.Close()

	p := f.Producer()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	received, flushed := 0, 0
	flush := func() {
		if flushed++; flushed == 2 { // the producer sends beside the ticks, and then no more
			p.Close()
		}
	}
	for i := range 100 {
		_ = p.Send(Event{ID: i}) // ErrClosed only after c.Close
	}
	err := batchEvery(ctx, c, ticker.C, func(events []Event) { received += len(events) }, flush)
	fmt.Println(received, flushed >= 2, err)
	// Output: 100 true <nil>
}
