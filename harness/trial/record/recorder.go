package record

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fanin-bench/fanin-bench/harness/machine"
)

// Recorder collects what the consumer learns of a round. It belongs to the
// consumer's goroutine and allocates nothing while the round is on.
type Recorder struct {
	Transit   Counts
	Response  Counts // open loops, like the next two
	SendDelay Counts
	producers []*hdrhistogram.Histogram // response by producer; nil if they are too many

	Windows  windows
	WindowNs int64  // the length of those
	Quarters [4]Sum // response by when in the schedule the message was due
}

// Sum is a total in ns and of how many.
type Sum struct{ Ns, Count int64 }

// Mean is 0 of nothing.
func (s Sum) Mean() float64 { return float64(s.Ns) / float64(max(1, s.Count)) }

// mostCompared is up to how many producers each has a response histogram of its
// own: as many as fit the second-level cache.
const mostCompared = 256

// longestCompared is the longest response time that those histograms tell from a longer
// one, in ns: an hour, as of every histogram.
const longestCompared = int64(time.Hour)

// compareStep is how many messages come to one that goes into its producer's own
// histogram: that is what keeps recording within 25 ns a message.
const compareStep = 4

// NewRecorder returns a recorder for a closed loop, or for an open one.
func NewRecorder(quotas []uint64, clock *machine.Clock, open bool) *Recorder {
	producers := len(quotas)
	r := &Recorder{Windows: newWindows(quotas, clock, WindowNs), WindowNs: WindowNs}
	if !open {
		return r
	}
	if producers > 1 && producers <= mostCompared {
		r.producers = make([]*hdrhistogram.Histogram, producers)
		for i := range r.producers {
			// One digit, 5 kB: enough to compare tails.
			r.producers[i] = hdrhistogram.New(1, longestCompared, 1)
		}
	}
	return r
}

// Message records an open loop's message by the three differences of its times,
// in ns.
func (r *Recorder) Message(producer int, response, transit, sendDelay int64) {
	r.Response.Record(response)
	r.Transit.Record(transit)
	r.SendDelay.Record(sendDelay)
	if r.Response.Total%compareStep == 0 && producer < len(r.producers) {
		_ = r.producers[producer].RecordValue(min(max(response, 1), longestCompared)) // within its range
	}
}

// NewSliceRecorder returns a recorder of a closed loop in slices: GoOn begins each.
func NewSliceRecorder(producers int, clock *machine.Clock) *Recorder {
	return &Recorder{Windows: newWindows(make([]uint64, producers), clock, SliceWindowNs), WindowNs: SliceWindowNs}
}

// GoOn begins a slice, in which each producer sends its messages from those that it has
// sent on, up to another.
func (r *Recorder) GoOn(sent, until []uint64) { r.Windows.goOn(sent, until) }

// P99Ratio returns the response p99 of the slowest producer over that of the
// fastest, or 0 if it was not recorded or a producer has too few messages for a
// p99.
func (r *Recorder) P99Ratio() float64 {
	const least = 1000 // ten beyond the p99
	slowest, fastest := int64(0), int64(0)
	for _, h := range r.producers {
		if h.TotalCount() < least {
			return 0
		}
		p99 := h.ValueAtQuantile(99)
		slowest = max(slowest, p99)
		if fastest == 0 || p99 < fastest {
			fastest = p99
		}
	}
	if fastest == 0 {
		return 0
	}
	return float64(slowest) / float64(fastest)
}

// WindowNs is the length of the windows in which producers are compared: as long
// as the scheduler lets a goroutine run on, so that a fan-in which serves one
// producer at a time shows. Of a trial in slices, which are no longer than that, it is
// SliceWindowNs: some four of them in a slice.
const (
	WindowNs      = 10_000_000
	SliceWindowNs = 2_000_000
)

// windows compares how many messages of each producer were received, window by
// window.
type windows struct {
	Length int64    // in ticks
	Quotas []uint64 // by producer: the number of the message after its last
	first  []uint64 // by producer: the number of its first message
	before []uint64 // by producer: how many had been received when the window began
	end    int64    // of the current one, in ticks; 0 before the first
	Sum    float64  // of Jain's indices
	Count  int
	over   bool // a producer has finished: from here on they differ rightly
}

func newWindows(quotas []uint64, clock *machine.Clock, lengthNs int64) windows {
	return windows{
		Length: clock.Ticks(lengthNs), Quotas: quotas, first: make([]uint64, len(quotas)), before: make([]uint64, len(quotas)),
	}
}

// goOn begins anew with the messages from those that have been sent on.
func (w *windows) goOn(sent, until []uint64) {
	copy(w.first, sent)
	copy(w.Quotas, until)
	w.end, w.over = 0, false
}

// Tick closes the window if its time is up. next is how many messages of each
// producer have been received. The window in which a producer finishes is the last: it
// tells of one that was served alone.
func (w *windows) Tick(now int64, next []uint64) {
	if w.over || now < w.end {
		return
	}
	if w.end == 0 {
		copy(w.before, next)
		w.end = now + w.Length
		return
	}
	sum, squares := 0.0, 0.0
	for p, n := range next {
		w.over = w.over || n >= w.Quotas[p]
		// Of its own share: the one that sends the most is to be served the most.
		x := float64(n-w.before[p]) / float64(w.Quotas[p]-w.first[p])
		sum, squares = sum+x, squares+x*x
	}
	if squares > 0 {
		w.Sum += sum * sum / (float64(len(next)) * squares)
		w.Count++
	}
	copy(w.before, next)
	w.end = now + w.Length
}

// Jain returns the mean index over the windows; false if there was none.
func (w *windows) Jain() (float64, bool) {
	if w.Count == 0 {
		return 0, false
	}
	return w.Sum / float64(w.Count), true
}
