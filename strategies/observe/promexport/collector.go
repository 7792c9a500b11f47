package promexport

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/fanin-bench/fanin-bench/strategies/observe"
	"github.com/fanin-bench/fanin-bench/strategies/observe/internal/quantity"
)

// NewCollector returns a collector of all that set has at the time of each scrape. What a
// fan-in does not know is no sample.
func NewCollector(set *observe.Set) prometheus.Collector {
	c := &collector{set: set}
	for _, q := range quantity.All() {
		name, kind := "fanin_"+q.Name+"_"+q.Unit, prometheus.GaugeValue
		if q.Kind == quantity.Counter {
			name, kind = name+"_total", prometheus.CounterValue
		}
		c.metrics = append(c.metrics, metric{prometheus.NewDesc(name, q.Help, []string{"fanin"}, nil), kind, q})
	}
	return c
}

type collector struct {
	set     *observe.Set
	metrics []metric
}

type metric struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	quantity.Quantity
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(descs chan<- *prometheus.Desc) {
	for _, m := range c.metrics {
		descs <- m.desc
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(samples chan<- prometheus.Metric) {
	for name, stats := range c.set.All() {
		for _, m := range c.metrics {
			if value, known := m.Of(stats); known {
				samples <- prometheus.MustNewConstMetric(m.desc, m.kind, value, name)
			}
		}
	}
}
