// Package observe publishes what fan-ins count: to expvar by itself, to Prometheus and to
// OpenTelemetry by the packages below it. It is a module of its own, so that who imports
// strategies gets none of their libraries; who publishes to one gets that one's only.
//
//  1. A [Set] has fan-ins by name. They come and go: [Set.Add], [Set.Remove].
//  2. A Set is an [expvar.Var]: expvar.Publish("fanins", set) shows it at /debug/vars.
//  3. promexport.NewCollector(set) is a collector for a registry of Prometheus, and
//     grafana/fanins.json a dashboard for what it exports.
//  4. otelexport.Register(meter, set) makes instruments of a meter of OpenTelemetry.
//
// All three publish the same quantities: items that were accepted, delivered, dropped and
// rejected, the backlog and its largest, how many sends wait, and how long they have. What
// a fan-in does not know is left out: absent, not zero. See [strategies.Stats]. How long
// sends have waited is known of a fan-in on which TimeWaits was called, before its first
// producer was opened: see [strategies.WaitTimer].
//
// Only who looks pays: a look calls Stats of each fan-in once, and neither sends nor
// receives do anything for it, but for waits that are timed. Looks may overlap, and go on
// after a fan-in has ended: its counts stay what they were.
//
// # Names
//
// A name is the value of a label, and each is as many time series as there are quantities
// for as long as the monitoring system keeps them. Name a fan-in for its part in the program
// ("audit-log"), not for a request or a connection. A fan-in that takes the place of another
// may take its name, after Remove: counters then begin again, which rate() understands.
package observe
