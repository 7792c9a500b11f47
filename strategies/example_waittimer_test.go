package strategies_test

import (
	"fmt"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Where TimeWaits was called, Stats tells how long sends have waited for room, those that
// still wait included.
func ExampleWaitTimer() {
	f := strategies.NewLanesRing[Event](strategies.Options{Capacity: 1})
	f.(strategies.WaitTimer).TimeWaits() // before the first producer

	p := f.Producer()
	_ = p.Send(Event{ID: 1})    // there is room
	_ = p.TrySend(Event{ID: 2}) // there is none, so it is rejected
	go func() {
		defer p.Close()
		_ = p.Send(Event{ID: 3}) // waits
	}()
	time.Sleep(10 * time.Millisecond) // the consumer is busy elsewhere
	c := f.Consumer()
	defer c.Close()
	for buf := make([]Event, 2); ; {
		if _, err := c.Recv(buf); err != nil {
			break
		}
	}

	s := f.(strategies.StatsKeeper).Stats()
	fmt.Println(s.Delivered, "delivered,", s.Rejected, "rejected, known for how long sends waited:", s.BlockedKnown)
	// Output: 2 delivered, 1 rejected, known for how long sends waited: true
}
