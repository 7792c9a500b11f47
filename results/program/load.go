package program

import (
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/warmup"
)

// leadTime is between an order of an open loop and when its first message is due, so that
// all processes know of it by then.
const leadTime = 20 * time.Millisecond

// warmUp runs rounds until their rates agree.
func (t *trial) warmUp() (*warmup.WarmUp, error) {
	cell := t.spec.Cell
	w := &warmup.WarmUp{Budget: time.Duration(cell.DurationNs), Limit: cell.Messages, Least: warmup.LeastMessages(cell.Producers), Begin: 1}
	return w, w.Run(func(messages int64) (results.Window, error) {
		out, err := t.round(messages, order{})
		return results.Window{Messages: messages, ElapsedNs: out.lasted()}, err
	})
}

// long is what a round with more messages than it was asked for takes at most.
const long = 100 * time.Millisecond

// messagesIn returns how many messages a round of some length has, and so many that waking
// producers is not what is measured. Where these would take long, as through a broker that
// stores each, a tenth of them is enough: waking a producer takes no longer than elsewhere.
func messagesIn(w *warmup.WarmUp, length time.Duration) int64 {
	messages := w.MessagesIn(length)
	return min(messages, max(messages/10, int64(w.Rate*max(long, length).Seconds())))
}

// saturate measures a closed loop.
func (t *trial) saturate() (*results.Measurement, error) {
	w, err := t.warmUp()
	if err != nil {
		return nil, err
	}
	messages := t.spec.Cell.Messages
	if messages == 0 {
		messages = messagesIn(w, time.Duration(t.spec.Cell.DurationNs))
	}
	t.start()
	out, err := t.round(messages, order{})
	if err != nil {
		return nil, err
	}
	m := t.report(out)
	m.WarmUp, m.Steady = w.Windows, w.Steady
	return m, nil
}

// offer measures an open loop, after an eighth of it that warms up.
func (t *trial) offer() (*results.Measurement, error) {
	cell := t.spec.Cell
	length := time.Duration(cell.DurationNs)
	warm, _, err := t.offered(max(length/warmup.Share, warmup.Shortest))
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
	messages := messagesIn(w, time.Duration(t.spec.Slices.LengthNs))
	ready := map[string]any{"schema": results.SchemaVersion, "ready": map[string]int64{
		"slice_ns": max(1, int64(float64(messages)/w.Rate*1e9)), "messages": messages,
	}}
	t.start()
	pids := t.pids()
	answered := total(cpuOfAll(pids))
	if err := t.partner.tell.Encode(ready); err != nil {
		return nil, err
	}
	var sum outcome
	for led := false; ; led = true {
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
		if led { // the first slice leads in
			sum.add(out)
		} else {
			t.start()
		}
		answered = total(cpuOfAll(pids))
		if err := t.partner.tell.Encode(map[string]any{"slice": map[string]int64{
			"messages": out.delivered(), "elapsed_ns": out.lasted(), "idle_cpu_ns": max(0, idle),
		}}); err != nil {
			return nil, err
		}
	}
	m := t.report(sum)
	m.WarmUp, m.Steady = w.Windows, w.Steady
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
	o.dropped += other.dropped
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
