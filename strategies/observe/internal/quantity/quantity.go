package quantity

import "github.com/fanin-bench/fanin-bench/strategies"

// Kind is how the values of a quantity behave.
type Kind int

const (
	// Counter only grows.
	Counter Kind = iota
	// Sum rises and falls; the sum over fan-ins means something.
	Sum
	// Most rises; the sum over fan-ins means nothing.
	Most
)

// Units of quantities, as Prometheus has them in names.
const (
	Items   = "items"
	Sends   = "sends"
	Seconds = "seconds"
)

// Quantity is one number of a fan-in.
type Quantity struct {
	Name, Unit, Help string
	Kind             Kind
	// Of returns the value, and whether the fan-in knows it.
	Of func(strategies.Stats) (value float64, known bool)
}

// All returns every quantity.
func All() []Quantity {
	return []Quantity{
		{"accepted", Items, "Items whose sends succeeded, those that were dropped later among them.", Counter, func(s strategies.Stats) (float64, bool) {
			return float64(s.Accepted), s.Counted
		}},
		{"delivered", Items, "Items that the consumer has received.", Counter, func(s strategies.Stats) (float64, bool) {
			return float64(s.Delivered), s.Counted
		}},
		{"dropped", Items, "Items that the overflow policy threw away.", Counter, func(s strategies.Stats) (float64, bool) {
			return float64(s.Dropped), true
		}},
		{"rejected", Items, "Items that were not accepted because there was no room.", Counter, func(s strategies.Stats) (float64, bool) {
			return float64(s.Rejected), true
		}},
		{"backlog", Items, "Items that wait for the consumer.", Sum, func(s strategies.Stats) (float64, bool) {
			return float64(s.Backlog), true
		}},
		{
			"high_water", Items, "The largest backlog: of all times where the strategy keeps it, otherwise of those at which somebody looked.", Most,
			func(s strategies.Stats) (float64, bool) { return float64(s.HighWater), true },
		},
		{"waiting", Sends, "Sends that wait for room.", Sum, func(s strategies.Stats) (float64, bool) {
			return float64(s.Waiting), s.WaitingKnown
		}},
		{"blocked", Seconds, "How long sends have waited for room, all together.", Counter, func(s strategies.Stats) (float64, bool) {
			return s.Blocked.Seconds(), s.BlockedKnown
		}},
	}
}
