package otelexport_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/observe"
	"github.com/fanin-bench/fanin-bench/strategies/observe/otelexport"
)

// One registration observes all fan-ins of a Set, as they come and go.
func Example() {
	reader := metric.NewManualReader() // or a periodic one with an exporter
	meter := metric.NewMeterProvider(metric.WithReader(reader)).Meter("example.org/service")

	set := new(observe.Set)
	registration, err := otelexport.Register(meter, set)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = registration.Unregister() }()

	events := strategies.NewMutexCond[string](strategies.Options{})
	if err := set.Add("events", events); err != nil {
		fmt.Println(err)
	}
	p := events.Producer()
	defer p.Close()
	if err := p.Send("hello"); err != nil {
		fmt.Println(err)
	}

	var all metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &all); err != nil {
		fmt.Println(err)
	}
	for _, m := range all.ScopeMetrics[0].Metrics {
		if m.Name == "fanin.backlog" {
			fmt.Println(m.Name, m.Data.(metricdata.Sum[float64]).DataPoints[0].Value, m.Unit)
		}
	}
	// Output: fanin.backlog 1 {item}
}
