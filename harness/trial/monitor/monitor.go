package monitor

import (
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// Monitor watches a round from aside, all of it or, if it is held in between, slice by
// slice. It does what jHiccup does - sleep for a millisecond, again and again, and record
// how much longer that took - and reads its gauges, the backlog first, whenever it is
// awake.
type Monitor struct {
	gauges   []func() int // the first is the backlog; none: the fan-in cannot tell
	watched  Watched
	spent    time.Duration // on the slices before
	cheapest time.Duration // that a look took which nothing disturbed: a slow one must not blind us
	sleep    *time.Timer
	stop     chan struct{} // given something when it is to hold
	held     chan struct{} // given something when it does
}

// Watched is what a monitor saw.
type Watched struct {
	Hiccups *histogram.Histogram // ns beyond the sleep
	Levels  []*results.Backlog   // by gauge; nil if the round was over before the first look
	Samples [][]Sample           // by gauge
}

// Sample is one look at the backlog.
type Sample struct {
	At    time.Duration // since the gate opened, less what the monitor was held
	Items int
}

const (
	// HiccupSleep is how long the monitor sleeps.
	HiccupSleep = time.Millisecond
	// lookShare bounds what looking may cost: a backlog that takes long to add up,
	// over thousands of lanes, is looked at less often.
	lookShare = 200
)

// New returns a monitor of some gauges, which watches nothing yet.
func New(gauges []func() int) *Monitor {
	sleep := time.NewTimer(time.Hour)
	sleep.Stop()
	return &Monitor{
		gauges: gauges, cheapest: time.Hour, sleep: sleep, stop: make(chan struct{}), held: make(chan struct{}),
		watched: Watched{Hiccups: histogram.New(), Samples: make([][]Sample, len(gauges))},
	}
}

// Start returns a monitor that watches; End must follow.
func Start(gauges []func() int) *Monitor {
	m := New(gauges)
	m.Resume()
	return m
}

// Resume has the monitor watch; Hold must follow. Neither allocates anything but for a
// goroutine.
func (m *Monitor) Resume() { go m.run() }

// Hold has it watch no more, and do nothing at all.
func (m *Monitor) Hold() {
	m.stop <- struct{}{}
	<-m.held
}

// Seen returns what it saw. It must not watch.
func (m *Monitor) Seen() Watched {
	w := m.watched
	w.Levels = nil
	for _, samples := range w.Samples {
		w.Levels = append(w.Levels, summarizeBacklog(samples))
	}
	return w
}

// End holds the monitor and returns what it saw.
func (m *Monitor) End() Watched {
	m.Hold()
	return m.Seen()
}

// Backlog returns what the first gauge showed, nil if there is none.
func (w *Watched) Backlog() *results.Backlog {
	if len(w.Levels) == 0 {
		return nil
	}
	return w.Levels[0]
}

func (m *Monitor) run() {
	begin := time.Now()
	defer func() {
		m.sleep.Stop()
		m.spent += time.Since(begin)
		m.held <- struct{}{}
	}()
	var next time.Duration
	for awake := begin; ; {
		m.sleep.Reset(HiccupSleep)
		select {
		case <-m.stop:
			return
		case <-m.sleep.C:
		}
		now := time.Now()
		m.watched.Hiccups.Record(int64(now.Sub(awake) - HiccupSleep))
		if at := now.Sub(begin); len(m.gauges) > 0 && at >= next {
			for i, gauge := range m.gauges {
				m.watched.Samples[i] = append(m.watched.Samples[i], Sample{m.spent + at, gauge()})
			}
			awake = time.Now()
			m.cheapest = min(m.cheapest, awake.Sub(now))
			next = at + lookShare*m.cheapest
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
