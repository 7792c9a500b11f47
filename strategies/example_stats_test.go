package strategies_test

import (
	"expvar"
	"fmt"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// A fan-in is published under a name; each look at it counts what it has.
func ExampleStatsKeeper() {
	f := strategies.NewMPSCRing[Event](strategies.Options{Capacity: 4, Policy: strategies.DropNewest})
	published := expvar.Func(func() any { return f.(strategies.StatsKeeper).Stats() })
	// expvar.Publish("events", published)

	p := f.Producer()
	for i := range 6 {
		_ = p.Send(Event{ID: i}) // under DropNewest it fails only after the consumer's Close
	}
	p.Close() // what it has dropped is not forgotten
	c := f.Consumer()
	defer c.Close()
	_, _ = c.Recv(make([]Event, 3)) // four are there

	s := published.Value().(strategies.Stats)
	fmt.Println(s.Accepted, "accepted,", s.Delivered, "delivered,", s.Dropped, "dropped,", s.Backlog, "waiting")
	// Output: 6 accepted, 3 delivered, 2 dropped, 1 waiting
}
