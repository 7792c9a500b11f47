package otelexport

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/fanin-bench/fanin-bench/strategies/observe"
	"github.com/fanin-bench/fanin-bench/strategies/observe/internal/quantity"
)

// Register makes meter's instruments observe all that set has at the time of each collection,
// until Unregister of what it returns. What a fan-in does not know is not observed. A Set needs
// one registration with a meter; two with the same meter would observe the same twice.
func Register(meter metric.Meter, set *observe.Set) (metric.Registration, error) {
	quantities := quantity.All()
	var instruments []metric.Float64Observable
	var observed []metric.Observable
	for _, q := range quantities {
		instrument, err := instrumentOf(meter, q)
		if err != nil {
			return nil, fmt.Errorf("observe: making instrument fanin.%s: %w", q.Name, err)
		}
		instruments = append(instruments, instrument)
		observed = append(observed, instrument)
	}
	return meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		for name, stats := range set.All() {
			who := metric.WithAttributeSet(attribute.NewSet(attribute.String("fanin.name", name)))
			for i, q := range quantities {
				if value, known := q.Of(stats); known {
					o.ObserveFloat64(instruments[i], value, who)
				}
			}
		}
		return nil
	}, observed...)
}

// instrumentOf makes the instrument that a quantity's kind asks for. Its unit is in the UCUM's
// notation, as OpenTelemetry has it.
func instrumentOf(meter metric.Meter, q quantity.Quantity) (metric.Float64Observable, error) {
	name, help := "fanin."+q.Name, metric.WithDescription(q.Help)
	unit := metric.WithUnit(map[string]string{quantity.Items: "{item}", quantity.Sends: "{send}", quantity.Seconds: "s"}[q.Unit])
	switch q.Kind {
	case quantity.Counter:
		return meter.Float64ObservableCounter(name, help, unit)
	case quantity.Sum:
		return meter.Float64ObservableUpDownCounter(name, help, unit)
	default:
		return meter.Float64ObservableGauge(name, help, unit)
	}
}
