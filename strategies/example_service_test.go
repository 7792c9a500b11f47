package strategies_test

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Event is what the program is about.
type Event struct{ ID int }

// README.md and the package's documentation show the next two functions.

// collect has workers send what they are given, and hands all of it to one handler.
func collect(work <-chan Event, workers int, handle func([]Event) error) error {
	f := strategies.NewLanesRing[Event](strategies.Options{})
	c := f.Consumer()
	defer c.Close() // if handle fails, sends return ErrClosed, waiting ones too

	// The fan-in ends with its last open producer, so one stays open until all
	// workers have theirs: the first may be done before the second is begun.
	keeper := f.Producer()
	for range workers {
		p := f.Producer() // one per sending goroutine
		go func() {
			defer p.Close()
			for event := range work {
				if err := p.Send(event); err != nil {
					return // ErrClosed: nobody receives any more, event is not delivered
				}
			}
		}()
	}
	keeper.Close()
	return receive(c, handle)
}

// receive hands over items until every producer has closed and all is received.
func receive(c strategies.Consumer[Event], handle func([]Event) error) error {
	buf := make([]Event, 256)
	for {
		n, err := c.Recv(buf) // waits for at least one item
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = handle(buf[:n])
		}
		if err != nil {
			return err
		}
	}
}

// Workers come one after the other and send what there is; nothing of it is lost.
func Example() {
	work := make(chan Event, 40)
	for i := range cap(work) {
		work <- Event{ID: i}
	}
	close(work)
	var all []Event
	err := collect(work, 8, func(events []Event) error {
		all = append(all, events...)
		return nil
	})
	slices.SortFunc(all, func(a, b Event) int { return cmp.Compare(a.ID, b.ID) })
	fmt.Println(len(all), all[0], all[39], err)
	// Output: 40 {0} {39} <nil>
}
