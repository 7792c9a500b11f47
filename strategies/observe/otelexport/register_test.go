package otelexport_test

import (
	"testing"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/fanin-bench/fanin-bench/strategies/observe"
	"github.com/fanin-bench/fanin-bench/strategies/observe/internal/observetest"
	"github.com/fanin-bench/fanin-bench/strategies/observe/otelexport"
)

// collect returns the values of a collection by instrument and fan-in, and the metrics.
func collect(t *testing.T, reader *metric.ManualReader) (map[string]map[string]float64, map[string]metricdata.Metrics) {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Error(err)
	}
	values, metrics := make(map[string]map[string]float64), make(map[string]metricdata.Metrics)
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			metrics[m.Name] = m
			var points []metricdata.DataPoint[float64]
			switch data := m.Data.(type) {
			case metricdata.Sum[float64]:
				points = data.DataPoints
			case metricdata.Gauge[float64]:
				points = data.DataPoints
			default:
				t.Errorf("%s is a %T", m.Name, m.Data)
			}
			values[m.Name] = make(map[string]float64)
			for _, p := range points {
				name, named := p.Attributes.Value("fanin.name")
				if !named || p.Attributes.Len() != 1 {
					t.Errorf("%s has the attributes %v", m.Name, p.Attributes.ToSlice())
				}
				values[m.Name][name.AsString()] = p.Value
			}
		}
	}
	return values, metrics
}

// TestEveryStrategy collects from fan-ins of all strategies at work, and holds what comes
// at the end against what they say.
func TestEveryStrategy(t *testing.T) {
	reader := metric.NewManualReader()
	var set observe.Set
	registration, err := otelexport.Register(metric.NewMeterProvider(metric.WithReader(reader)).Meter("test"), &set)
	if err != nil {
		t.Fatal(err)
	}
	work := observetest.AtWork(t, &set)
	for range 5 {
		collect(t, reader)
	}
	work.Wait()
	values, _ := collect(t, reader)
	for name, stats := range set.All() {
		backlog, there := values["fanin.backlog"][name]
		if !there || backlog != float64(stats.Backlog) {
			t.Errorf("%s: the backlog is %v, there: %v; want %d", name, backlog, there, stats.Backlog)
		}
		delivered, there := values["fanin.delivered"][name]
		if there != stats.Counted || there && delivered != float64(stats.Delivered) {
			t.Errorf("%s: delivered is %v, there: %v; want %d, %v", name, delivered, there, stats.Delivered, stats.Counted)
		}
	}
	if err := registration.Unregister(); err != nil {
		t.Error(err)
	}
	if values, _ := collect(t, reader); len(values["fanin.backlog"]) != 0 {
		t.Errorf("after Unregister there is %v", values)
	}
}

// TestInstruments looks at what kinds of instruments there are, and at their units.
func TestInstruments(t *testing.T) {
	reader := metric.NewManualReader()
	var set observe.Set
	if _, err := otelexport.Register(metric.NewMeterProvider(metric.WithReader(reader)).Meter("test"), &set); err != nil {
		t.Fatal(err)
	}
	least := observetest.Blocked(t, &set, "jobs").Seconds()
	values, metrics := collect(t, reader)
	if rejected, blocked := values["fanin.rejected"]["jobs"], values["fanin.blocked"]["jobs"]; rejected != 1 || blocked < least || blocked > 60 {
		t.Errorf("%v are rejected and %v s blocked; want 1 and at least %v s", rejected, blocked, least)
	}
	for name, unit := range map[string]string{
		"fanin.accepted": "{item}", "fanin.waiting": "{send}", "fanin.high_water": "{item}", "fanin.rejected": "{item}", "fanin.blocked": "s",
	} {
		if got := metrics[name]; got.Unit != unit || got.Description == "" {
			t.Errorf("%s has unit %q and description %q; want %q and one", name, got.Unit, got.Description, unit)
		}
	}
	for _, name := range []string{"fanin.accepted", "fanin.rejected", "fanin.blocked"} {
		if sum, ok := metrics[name].Data.(metricdata.Sum[float64]); !ok || !sum.IsMonotonic {
			t.Errorf("%s is no counter", name)
		}
	}
	if sum, ok := metrics["fanin.backlog"].Data.(metricdata.Sum[float64]); !ok || sum.IsMonotonic {
		t.Error("fanin.backlog is no sum that rises and falls")
	}
	if _, ok := metrics["fanin.high_water"].Data.(metricdata.Gauge[float64]); !ok {
		t.Error("fanin.high_water is no gauge")
	}
}
