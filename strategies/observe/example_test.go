package observe_test

import (
	"expvar"
	"fmt"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/observe"
)

// The fan-ins of a program are in one Set, which /debug/vars shows.
func Example() {
	set := new(observe.Set)
	expvar.Publish("fanins", set)

	events := strategies.NewMutexCond[string](strategies.Options{Capacity: 2, Policy: strategies.DropNewest})
	if err := set.Add("events", events); err != nil {
		fmt.Println(err) // another has the name, or it keeps no Stats
	}
	p := events.Producer()
	defer p.Close()
	for range 3 {
		_ = p.Send("hello") // under DropNewest it fails only after the consumer's Close
	}
	fmt.Println(expvar.Get("fanins"))
	// Output: {"events":{"accepted_items":3,"backlog_items":2,"delivered_items":0,"dropped_items":1,"high_water_items":2,"rejected_items":0,"waiting_sends":0}}
}
