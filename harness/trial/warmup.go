package trial

import (
	"time"

	"github.com/montanaflynn/stats"

	"github.com/fanin-bench/fanin-bench/results"
)

// The warm-up ends when the rates of steadyRounds rounds in a row vary by no
// more than steadyVariation (standard deviation over mean), or when it has taken
// as long as the measured part will. On an idle 2-core machine rounds of 30 ms
// vary by 2 to 8 %.
const (
	steadyRounds    = 3
	steadyVariation = 0.10
	firstRound      = 1 << 12 // messages, doubled until a round lasts long enough
	shortestWarmUp  = 50 * time.Millisecond
	warmUpShare     = 8  // a round lasts about an eighth of the measured part
	mostRounds      = 64 // for counts so small that a round is over before it is steady
)

// A round whose length was not given has perProducer messages of each producer,
// as long as that makes fewer than leastRound: with a handful each, waking
// producers for the first time would be what is measured. It takes 0.2 s at the 5
// million messages per second of a channel.
const (
	perProducer = 100
	leastRound  = 1 << 20
)

// leastMessages returns the fewest messages that tell a rate of so many producers.
func leastMessages(producers int) int64 {
	return max(int64(producers), min(int64(producers)*perProducer, leastRound))
}

// warmUp runs rounds of growing size until one lasts long enough to tell a rate,
// then more until their rates agree.
type warmUp struct {
	budget time.Duration // how long the measured part will last; 0 if a count decides
	limit  int64         // the most messages in a round; 0 is no limit
	least  int64         // the fewest messages in a round
	pace   time.Duration // what the consumer takes per message at least; 0 if it takes no time

	rounds []results.Window
	rate   float64 // the median of the last rounds, in messages per second
	steady bool    // they agreed
}

// messagesIn returns how many messages take so long, and at least as many as tell a rate.
func (w *warmUp) messagesIn(length time.Duration) int64 {
	return max(w.least, int64(w.rate*length.Seconds()))
}

// slowly returns how many messages make a first round of a slow consumer: as many
// as it gets through in shortestWarmUp, and at least the fewest.
func (w *warmUp) slowly() int64 { return max(w.least, int64(shortestWarmUp/w.pace)) }

// run executes the rounds by means of round.
func (w *warmUp) run(round func(messages int64) (outcome, error)) error {
	budget := max(w.budget, shortestWarmUp)
	messages := max(firstRound, w.least)
	if w.pace > 0 { // it takes steadyRounds to agree, and some more where a pipeline has to fill
		messages = min(messages, w.slowly())
		budget = max(budget, 2*steadyRounds*w.pace*time.Duration(messages))
	}
	var rates []float64
	for spent := time.Duration(0); ; {
		if w.limit > 0 {
			messages = min(messages, w.limit)
		}
		out, err := round(messages)
		if err != nil {
			return err
		}
		lasted := time.Duration(out.lasted)
		spent += lasted
		w.rounds = append(w.rounds, results.Window{Messages: int64(out.Attempted), ElapsedNs: out.lasted})
		rates = append(rates, float64(out.Attempted)/lasted.Seconds())
		if lasted < budget/warmUpShare && messages != w.limit {
			messages *= 2
			rates = rates[:0]
			continue
		}
		last := rates[max(0, len(rates)-steadyRounds):]
		w.steady = agree(last)
		if w.steady || spent >= budget || len(w.rounds) == mostRounds {
			w.rate, err = stats.Median(last)
			return err
		}
	}
}

// agree reports whether there are enough rates and their coefficient of variation
// is small.
func agree(rates []float64) bool {
	if len(rates) < steadyRounds {
		return false
	}
	mean, _ := stats.Mean(rates) // both fail on no values only
	deviation, _ := stats.StandardDeviationSample(rates)
	return deviation <= steadyVariation*mean
}
