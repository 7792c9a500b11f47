package warmup

import (
	"cmp"
	"time"

	"github.com/montanaflynn/stats"

	"github.com/fanin-bench/fanin-bench/results"
)

// The warm-up ends when the rates of Rounds rounds in a row vary by no more than
// steadyVariation (standard deviation over mean), or when it has taken as long as the
// measured part will. On an idle 2-core machine rounds of 30 ms vary by 2 to 8 %.
const (
	Rounds          = 3
	steadyVariation = 0.10
	First           = 1 << 12               // messages of the first round, doubled until one lasts long enough
	Shortest        = 50 * time.Millisecond // where a count decides how long the measured part lasts
	leastBudget     = 10 * time.Millisecond // of a measured part that is shorter
	Share           = 8                     // a round lasts about an eighth of the measured part
	mostRounds      = 64                    // for counts so small that a round is over before it is steady
)

// A round whose length was not given has PerProducer messages of each producer,
// as long as that makes fewer than leastRound: with a handful each, waking
// producers for the first time would be what is measured. It takes 0.2 s at the 5
// million messages per second of a channel.
const (
	PerProducer = 100
	leastRound  = 1 << 20
)

// LeastMessages returns the fewest messages that tell a rate of so many producers.
func LeastMessages(producers int) int64 {
	return max(int64(producers), min(int64(producers)*PerProducer, leastRound))
}

// WarmUp runs rounds of growing size until one lasts long enough to tell a rate,
// then more until their rates agree.
type WarmUp struct {
	Budget time.Duration // how long the measured part will last; 0 if a count decides
	Limit  int64         // the most messages in a round; 0 is no limit
	Least  int64         // the fewest messages in a round
	Begin  int64         // messages of the first round, if not fewer than Least; 0: First
	Pace   time.Duration // what the consumer takes per message at least; 0 if it takes no time

	Windows []results.Window // the rounds
	Rate    float64          // the median of the last rounds, in messages per second
	Steady  bool             // they agreed
}

// MessagesIn returns how many messages take so long, and at least as many as tell a rate.
func (w *WarmUp) MessagesIn(length time.Duration) int64 {
	return max(w.Least, int64(w.Rate*length.Seconds()))
}

// slowly returns how many messages make a first round of a slow consumer: as many
// as it gets through in Shortest, and at least the fewest.
func (w *WarmUp) slowly() int64 { return max(w.Least, int64(Shortest/w.Pace)) }

// Run executes the rounds by means of round, which returns what became of so many messages.
func (w *WarmUp) Run(round func(messages int64) (results.Window, error)) error {
	budget := Shortest
	if w.Budget > 0 {
		budget = max(w.Budget, leastBudget)
	}
	messages := max(cmp.Or(w.Begin, First), w.Least)
	if w.Pace > 0 { // it takes Rounds to agree, and some more where a pipeline has to fill
		messages = min(messages, w.slowly())
		budget = max(budget, 2*Rounds*w.Pace*time.Duration(messages))
	}
	var rates []float64
	for spent := time.Duration(0); ; {
		if w.Limit > 0 {
			messages = min(messages, w.Limit)
		}
		window, err := round(messages)
		if err != nil {
			return err
		}
		lasted := time.Duration(window.ElapsedNs)
		spent += lasted
		w.Windows = append(w.Windows, window)
		rates = append(rates, float64(window.Messages)/lasted.Seconds())
		if lasted < budget/Share && messages != w.Limit {
			messages *= 2
			rates = rates[:0]
			continue
		}
		last := rates[max(0, len(rates)-Rounds):]
		w.Steady = Agree(last)
		if w.Steady || spent >= budget || len(w.Windows) == mostRounds {
			w.Rate, err = stats.Median(last)
			return err
		}
	}
}

// Agree reports whether there are enough rates and their coefficient of variation
// is small.
func Agree(rates []float64) bool {
	if len(rates) < Rounds {
		return false
	}
	mean, _ := stats.Mean(rates) // both fail on no values only
	deviation, _ := stats.StandardDeviationSample(rates)
	return deviation <= steadyVariation*mean
}
