package monitor

import (
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// Monitor watches a round from aside. It does what jHiccup does - sleep for a
// millisecond, again and again, and record how much longer that took - and reads
// its gauges, the backlog first, whenever it is awake.
type Monitor struct {
	gauges []func() int // the first is the backlog; none: the fan-in cannot tell
	stop   chan struct{}
	result chan Watched
}

// Watched is what a monitor saw.
type Watched struct {
	Hiccups *histogram.Histogram // ns beyond the sleep
	Levels  []*results.Backlog   // by gauge; nil if the round was over before the first look
	Samples [][]Sample           // by gauge
}

// Sample is one look at the backlog.
type Sample struct {
	At    time.Duration // since the gate opened
	Items int
}

const (
	// HiccupSleep is how long the monitor sleeps.
	HiccupSleep = time.Millisecond
	// lookShare bounds what looking may cost: a backlog that takes long to add up,
	// over thousands of lanes, is looked at less often.
	lookShare = 200
)

// Start starts a monitor of some gauges; End must follow.
func Start(gauges []func() int) *Monitor {
	m := &Monitor{gauges: gauges, stop: make(chan struct{}), result: make(chan Watched, 1)}
	go m.run()
	return m
}

// Backlog returns what the first gauge showed, nil if there is none.
func (w *Watched) Backlog() *results.Backlog {
	if len(w.Levels) == 0 {
		return nil
	}
	return w.Levels[0]
}

// End stops the monitor and returns what it saw.
func (m *Monitor) End() Watched {
	close(m.stop)
	return <-m.result
}

func (m *Monitor) run() {
	w := Watched{Hiccups: histogram.New(), Samples: make([][]Sample, len(m.gauges))}
	begin := time.Now()
	var next time.Duration
	cheapest := time.Hour // what a look costs that nothing disturbs: a slow one must not blind us
	for awake := begin; ; {
		select {
		case <-m.stop:
			for _, samples := range w.Samples {
				w.Levels = append(w.Levels, summarizeBacklog(samples))
			}
			m.result <- w
			return
		default:
		}
		time.Sleep(HiccupSleep)
		now := time.Now()
		w.Hiccups.Record(int64(now.Sub(awake) - HiccupSleep))
		if at := now.Sub(begin); len(m.gauges) > 0 && at >= next {
			for i, gauge := range m.gauges {
				w.Samples[i] = append(w.Samples[i], Sample{at, gauge()})
			}
			awake = time.Now()
			cheapest = min(cheapest, awake.Sub(now))
			next = at + lookShare*cheapest
		} else {
			awake = now
		}
	}
}

// summarizeBacklog averages the samples over time, each standing for the time
// until the next, and keeps the highest of each step.
func summarizeBacklog(samples []Sample) *results.Backlog {
	if len(samples) < 2 {
		return nil
	}
	first, last := samples[0].At, samples[len(samples)-1].At
	step := max(last/stat.MaxLevels, HiccupSleep) + 1
	b := &results.Backlog{StepNs: int64(step)}
	series := make([]int64, last/step+1)
	area := 0.0
	for i, s := range samples {
		items := int64(s.Items)
		b.Max = max(b.Max, items)
		until := last
		if i+1 < len(samples) {
			until = samples[i+1].At
		}
		area += float64(items) * float64(until-s.At)
		for at := s.At / step; at <= until/step; at++ { // a step without a look is as the one before
			series[at] = max(series[at], items)
		}
	}
	b.Mean, b.Series = area/float64(last-first), stat.NewLevels(series...)
	return b
}
