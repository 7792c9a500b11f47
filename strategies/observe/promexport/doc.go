// Package promexport publishes an [observe.Set] to Prometheus.
//
//	prometheus.MustRegister(promexport.NewCollector(set))
//
// The metrics are fanin_accepted_items_total, fanin_delivered_items_total and so on, each with
// one label, fanin, which is the fan-in's name. The dashboard in ../grafana shows them all.
//
// A registry takes one collector. Where a program has several Sets, a registerer adds what
// tells them apart: prometheus.WrapRegistererWith(prometheus.Labels{"part": "audit"}, registry).
package promexport
