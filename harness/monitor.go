package harness

import (
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// monitor watches a round from aside. It does what jHiccup does - sleep for a
// millisecond, again and again, and record how much longer that took - and reads
// its gauges, the backlog first, whenever it is awake.
type monitor struct {
	gauges []func() int // the first is the backlog; none: the fan-in cannot tell
	stop   chan struct{}
	result chan watched
}

// watched is what a monitor saw.
type watched struct {
	hiccups *histogram.Histogram // ns beyond the sleep
	levels  []*results.Backlog   // by gauge; nil if the round was over before the first look
	samples [][]sample           // by gauge
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

func startMonitor(gauges []func() int) *monitor {
	m := &monitor{gauges: gauges, stop: make(chan struct{}), result: make(chan watched, 1)}
	go m.run()
	return m
}

// backlog returns what the first gauge showed, nil if there is none.
func (w *watched) backlog() *results.Backlog {
	if len(w.levels) == 0 {
		return nil
	}
	return w.levels[0]
}

// end stops the monitor and returns what it saw.
func (m *monitor) end() watched {
	close(m.stop)
	return <-m.result
}

func (m *monitor) run() {
	w := watched{hiccups: histogram.New(), samples: make([][]sample, len(m.gauges))}
	begin := time.Now()
	var next time.Duration
	cheapest := time.Hour // what a look costs that nothing disturbs: a slow one must not blind us
	for awake := begin; ; {
		select {
		case <-m.stop:
			for _, samples := range w.samples {
				w.levels = append(w.levels, summarizeBacklog(samples))
			}
			m.result <- w
			return
		default:
		}
		time.Sleep(hiccupSleep)
		now := time.Now()
		w.hiccups.Record(int64(now.Sub(awake) - hiccupSleep))
		if at := now.Sub(begin); len(m.gauges) > 0 && at >= next {
			for i, gauge := range m.gauges {
				w.samples[i] = append(w.samples[i], sample{at, gauge()})
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
func summarizeBacklog(samples []sample) *results.Backlog {
	if len(samples) < 2 {
		return nil
	}
	first, last := samples[0].at, samples[len(samples)-1].at
	step := max(last/seriesSteps, hiccupSleep) + 1
	b := &results.Backlog{StepNs: int64(step)}
	series := make([]int64, last/step+1)
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
			series[at] = max(series[at], items)
		}
	}
	b.Mean, b.Series = area/float64(last-first), stat.NewLevels(series...)
	return b
}
