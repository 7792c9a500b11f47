package program

import (
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// The method of package harness/trial, whose warmup.go says how these were chosen.
const (
	steadyRounds    = 3
	steadyVariation = 0.10
	firstRound      = 1 << 12
	shortestWarmUp  = 50 * time.Millisecond
	warmUpShare     = 8
	mostRounds      = 64
	perProducer     = 100
	leastRound      = 1 << 20
)

// leadTime is between an order of an open loop and when its first message is due, so that
// all processes know of it by then.
const leadTime = 20 * time.Millisecond

// warmUp is rounds of growing size until one lasts long enough, then more until their
// rates agree.
type warmUp struct {
	rounds []results.Window
	rate   float64 // messages per second, the median of the last rounds
	steady bool
	least  int64
}

func (w *warmUp) messagesIn(length time.Duration) int64 {
	return max(w.least, int64(w.rate*length.Seconds()))
}

func (t *trial) warmUp() (*warmUp, error) {
	cell := t.spec.Cell
	producers := int64(cell.Producers)
	w := &warmUp{least: max(producers, min(producers*perProducer, leastRound))}
	budget := max(time.Duration(cell.DurationNs), shortestWarmUp)
	messages := max(firstRound, w.least)
	var rates []float64
	for spent := time.Duration(0); ; {
		if cell.Messages > 0 {
			messages = min(messages, cell.Messages)
		}
		out, err := t.round(messages, order{})
		if err != nil {
			return nil, err
		}
		lasted := time.Duration(out.lasted())
		spent += lasted
		w.rounds = append(w.rounds, results.Window{Messages: messages, ElapsedNs: out.lasted()})
		rates = append(rates, float64(messages)/lasted.Seconds())
		if lasted < budget/warmUpShare && messages != cell.Messages {
			messages *= 2
			rates = rates[:0]
			continue
		}
		last := rates[max(0, len(rates)-steadyRounds):]
		w.steady = agree(last)
		if w.steady || spent >= budget || len(w.rounds) == mostRounds {
			w.rate = *stat.Median(last)
			return w, nil
		}
	}
}

// agree reports whether there are enough rates and they vary little.
func agree(rates []float64) bool {
	if len(rates) < steadyRounds {
		return false
	}
	var sum, squares float64
	for _, r := range rates {
		sum += r
	}
	mean := sum / float64(len(rates))
	for _, r := range rates {
		squares += (r - mean) * (r - mean)
	}
	limit := steadyVariation * mean
	return squares/float64(len(rates)-1) <= limit*limit
}

// saturate measures a closed loop.
func (t *trial) saturate() (*results.Measurement, error) {
	w, err := t.warmUp()
	if err != nil {
		return nil, err
	}
	messages := t.spec.Cell.Messages
	if messages == 0 {
		messages = w.messagesIn(time.Duration(t.spec.Cell.DurationNs))
	}
	t.start()
	out, err := t.round(messages, order{})
	if err != nil {
		return nil, err
	}
	m := t.report(out)
	m.WarmUp, m.Steady = w.rounds, w.steady
	return m, nil
}

// offer measures an open loop, after an eighth of it that warms up.
func (t *trial) offer() (*results.Measurement, error) {
	cell := t.spec.Cell
	length := time.Duration(cell.DurationNs)
	warm, _, err := t.offered(max(length/warmUpShare, shortestWarmUp))
	if err != nil {
		return nil, err
	}
	t.start()
	out, begun, err := t.offered(length)
	if err != nil {
		return nil, err
	}
	m := t.report(out)
	m.WarmUp = []results.Window{{Messages: warm.messages, ElapsedNs: warm.lasted()}}
	m.OfferedRate = cell.Rate
	m.AchievedRate = float64(out.messages) / time.Duration(max(1, out.sent-begun)).Seconds()
	m.Steady = true // what is offered is given
	return m, nil
}

// offered offers messages for some time.
func (t *trial) offered(length time.Duration) (outcome, int64, error) {
	cell := t.spec.Cell
	begin := Now() + int64(leadTime)
	messages := max(int64(cell.Producers), int64(cell.Rate*length.Seconds()))
	out, err := t.round(messages, order{
		GapNs: 1e9 * float64(cell.Producers) / cell.Rate, Random: cell.Arrival == results.ArrivalPoisson, BeginNs: begin, Seed: t.spec.Seed,
	})
	return out, begin, err
}

// inTurns measures a slice whenever the partner says so.
func (t *trial) inTurns() (*results.Measurement, error) {
	w, err := t.warmUp()
	if err != nil {
		return nil, err
	}
	messages := w.messagesIn(time.Duration(t.spec.Slices.LengthNs))
	ready := map[string]any{"schema": results.SchemaVersion, "ready": map[string]int64{
		"slice_ns": max(1, int64(float64(messages)/w.rate*1e9)), "messages": messages,
	}}
	t.start()
	pids := t.pids()
	answered := total(cpuOfAll(pids))
	if err := t.partner.tell.Encode(ready); err != nil {
		return nil, err
	}
	var sum outcome
	for {
		more, err := t.partner.next()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		idle := total(cpuOfAll(pids)) - answered
		out, err := t.round(messages, order{})
		if err != nil {
			return nil, err
		}
		sum.add(out)
		answered = total(cpuOfAll(pids))
		if err := t.partner.tell.Encode(map[string]any{"slice": map[string]int64{
			"messages": messages, "elapsed_ns": out.lasted(), "idle_cpu_ns": max(0, idle),
		}}); err != nil {
			return nil, err
		}
	}
	m := t.report(sum)
	m.WarmUp, m.Steady = w.rounds, w.steady
	return m, nil
}

func total(byRole map[string]int64) (sum int64) {
	for _, ns := range byRole {
		sum += ns
	}
	return sum
}

// add takes in another slice; first and last come to the time of all of them.
func (o *outcome) add(other outcome) {
	o.messages += other.messages
	o.receives += other.receives
	o.last += other.lasted()
	if o.used == nil {
		o.used = other.used
		return
	}
	for i := range o.used {
		o.used[i].CPUNs += other.used[i].CPUNs
		o.used[i].PeakBytes = other.used[i].PeakBytes // it only grows
	}
}
