package promexport_test

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/observe"
	"github.com/fanin-bench/fanin-bench/strategies/observe/promexport"
)

// One collector exports all fan-ins of a Set, as they come and go.
func Example() {
	set := new(observe.Set)
	registry := prometheus.NewRegistry() // or prometheus.DefaultRegisterer
	registry.MustRegister(promexport.NewCollector(set))

	events := strategies.NewMutexCond[string](strategies.Options{})
	if err := set.Add("events", events); err != nil {
		fmt.Println(err)
	}
	p := events.Producer()
	defer p.Close()
	if err := p.Send("hello"); err != nil {
		fmt.Println(err)
	}

	families, err := registry.Gather() // as a scrape does
	if err != nil {
		fmt.Println(err)
	}
	for _, family := range families {
		if family.GetName() == "fanin_backlog_items" {
			fmt.Println(family.GetName(), family.GetMetric()[0].GetGauge().GetValue())
		}
	}
	// Output: fanin_backlog_items 1
}
