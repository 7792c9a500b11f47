package harness

import (
	"time"

	"github.com/fanin-bench/fanin-bench/results"
)

// monitor watches a round from aside. It does what jHiccup does - sleep for a
// millisecond, again and again, and record how much longer that took - and reads
// the backlog whenever it is awake.
type monitor struct {
	backlog func() int // nil: the fan-in cannot tell
	stop    chan struct{}
	result  chan watched
}

// watched is what a monitor saw.
type watched struct {
	hiccups *results.Histogram // ns beyond the sleep
	backlog *results.Backlog   // nil if the round was over before the first look
	samples []sample
}

// sample is one look at the backlog.
type sample struct {
	at    time.Duration // since the gate opened
	items int
}

const (
	// hiccupSleep is how long the monitor sleeps.
	hiccupSleep = time.Millisecond
	// lookShare bounds what looking may cost: a backlog that takes long to add up,
	// over thousands of lanes, is looked at less often.
	lookShare = 200
	// seriesSteps is how many steps a stored series has at most.
	seriesSteps = 200
)

func startMonitor(backlog func() int) *monitor {
	m := &monitor{backlog: backlog, stop: make(chan struct{}), result: make(chan watched, 1)}
	go m.run()
	return m
}

// end stops the monitor and returns what it saw.
func (m *monitor) end() watched {
	close(m.stop)
	return <-m.result
}

func (m *monitor) run() {
	w := watched{hiccups: results.NewHistogram()}
	begin := time.Now()
	var next time.Duration
	cheapest := time.Hour // what a look costs that nothing disturbs: a slow one must not blind us
	for awake := begin; ; {
		select {
		case <-m.stop:
			w.backlog = summarizeBacklog(w.samples)
			m.result <- w
			return
		default:
		}
		time.Sleep(hiccupSleep)
		now := time.Now()
		w.hiccups.Record(int64(now.Sub(awake) - hiccupSleep))
		if at := now.Sub(begin); m.backlog != nil && at >= next {
			items := m.backlog()
			awake = time.Now()
			w.samples = append(w.samples, sample{at, items})
			cheapest = min(cheapest, awake.Sub(now))
			next = at + lookShare*cheapest
		} else {
			awake = now
		}
	}
}

// summarizeBacklog averages the samples over time, each standing for the time
// until the next, and keeps the highest of each step.
func summarizeBacklog(samples []sample) *results.Backlog {
	if len(samples) < 2 {
		return nil
	}
	first, last := samples[0].at, samples[len(samples)-1].at
	step := max(last/seriesSteps, hiccupSleep) + 1
	b := &results.Backlog{StepNs: int64(step), Series: make([]int64, last/step+1)}
	area := 0.0
	for i, s := range samples {
		items := int64(s.items)
		b.Max = max(b.Max, items)
		until := last
		if i+1 < len(samples) {
			until = samples[i+1].at
		}
		area += float64(items) * float64(until-s.at)
		for at := s.at / step; at <= until/step; at++ { // a step without a look is as the one before
			b.Series[at] = max(b.Series[at], items)
		}
	}
	b.Mean = area / float64(last-first)
	return b
}
