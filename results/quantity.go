package results

import (
	"math"
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// Quantity is something that trials measure: all that there is to say of it. Summary,
// CSV, bench.txt, comparison, history and figures are selections from Quantities.
type Quantity struct {
	Name  string // in summary.json and summary.csv, with its unit
	In    string // the object of summary.json that it stands in; empty: at the top
	Title string // for people: "throughput"
	Unit  units.Unit

	HigherIsBetter bool

	// About says which cells have it; nil: all.
	About func(Cell) bool
	// Of returns its value in a trial, false if it was not measured. One that is nil
	// has Times instead, or follows from several cells.
	Of    func(*Trial) (float64, bool)
	Times func(*Measurement) *histogram.Histogram
	// Quoted is what is quoted of the trials of a cell.
	Quoted Quoted

	Bench    string          // its unit in bench.txt; empty: it is not there
	Compared func(Cell) bool // the cells of which two runs are compared by it; nil: none
	Gates    bool            // a regression of it fails the gate of a comparison
	Followed bool            // through many runs, of the cells that are compared

	at quantileOf // of which times it is a quantile of a trial
}

// Quoted says how the values of trials are summed up.
type Quoted int

// The ways to quote values.
const (
	InTrials  Quoted = iota // only trial by trial: not part of the summary
	AsSpread                // the median with its interval
	AsMedian                // the median
	AsHighest               // the highest, a whole number
	AsTotal                 // the sum, a whole number
	AsTimes                 // the quantiles of all times together
)

// quantileOf names a quantile of some times.
type quantileOf struct {
	times *Quantity
	name  string // "p99"
}

// Quantiles that are asked of single trials.
const (
	P50 = "p50"
	P99 = "p99"
)

// Stem is the name without the unit.
func (q *Quantity) Stem() string { return strings.TrimSuffix(q.Name, "_"+q.Unit.Key) }

// IsAbout reports whether cells of a kind have the quantity.
func (q *Quantity) IsAbout(c Cell) bool { return q.About == nil || q.About(c) }

// Comparable returns those values of a sample that runs are compared by. A rate of 0 is
// none: nothing came through, and nothing can be divided by it.
func (q *Quantity) Comparable(sample stat.Sample) stat.Sample {
	if q.Unit.Key == units.Rates.Key {
		return sample.Positive()
	}
	return sample
}

// LimitedIn reports whether the pacer's own error is all that the quantity shows of a
// cell.
func (q *Quantity) LimitedIn(c *CellSummary) bool {
	return q.IsTiming() && slices.Contains(c.PlatformLimited, q.at.name)
}

// IsTiming reports whether it is a quantile of the response time, which has the pacer's
// own error in it.
func (q *Quantity) IsTiming() bool { return q.at.times == Response }

// Parts returns the title without the quantile, if it is one of a trial's, and that.
func (q *Quantity) Parts() (title, quantile string) {
	if q.at.times != nil {
		return q.at.times.Title, q.at.name
	}
	return q.Title, ""
}

// quantile declares a quantile of the times of a trial.
func (q *Quantity) quantile(name string, more Quantity) *Quantity {
	more.Name, more.Title, more.Unit, more.About = q.Stem()+"_"+name+"_ns", q.Title+", "+name, q.Unit, q.About
	more.Bench = name + "-" + q.Stem() + "-ns"
	more.at = quantileOf{q, name}
	more.Of = func(t *Trial) (float64, bool) {
		if t.Measurement == nil {
			return 0, false
		}
		return histogram.NewQuantiles(q.Times(t.Measurement)).At(name)
	}
	return &more
}

// Sample returns the values that some trials of a cell have.
func (q *Quantity) Sample(trials []Trial) stat.Sample {
	if q.Of == nil {
		return nil
	}
	var sample stat.Sample
	for i := range trials {
		if v, ok := q.Of(&trials[i]); ok && !math.IsInf(v, 0) && !math.IsNaN(v) {
			sample = sample.With(trials[i].Block, v)
		}
	}
	return sample
}

// value is what a cell has of a quantity.
type value struct {
	quantity *Quantity
	sample   stat.Sample
	interval *stat.Interval       // AsSpread
	number   *float64             // AsMedian
	count    *int64               // AsHighest, AsTotal
	times    *histogram.Histogram // AsTimes, of all trials together
	quoted   *histogram.Quantiles
}

// Set makes the summary say of a quantity what follows from a sample.
func (s *CellSummary) Set(q *Quantity, sample stat.Sample) {
	if len(sample) == 0 {
		return
	}
	v := value{quantity: q, sample: sample}
	switch q.Quoted {
	case AsSpread:
		v.interval = sample.Interval()
	case AsMedian:
		v.number = stat.Median(sample.Values())
	case AsHighest:
		v.count = new(int64(slices.Max(sample.Values())))
	case AsTotal:
		v.count = new(int64)
		for _, o := range sample {
			*v.count += int64(o.Value)
		}
	}
	s.put(v)
}

// SetTimes makes the summary say of a quantity what follows from times.
func (s *CellSummary) SetTimes(q *Quantity, times *histogram.Histogram) {
	if times != nil {
		s.put(value{quantity: q, times: times, quoted: histogram.NewQuantiles(times)})
	}
}

func (s *CellSummary) put(v value) {
	s.values = append(slices.DeleteFunc(s.values, func(old value) bool { return old.quantity == v.quantity }), v)
}

// of returns what the cell has of a quantity, nothing if it was not measured.
func (s *CellSummary) of(q *Quantity) value {
	for _, v := range s.values {
		if v.quantity == q {
			return v
		}
	}
	return value{}
}

// Sample returns the quantity in each block that has it.
func (s *CellSummary) Sample(q *Quantity) stat.Sample { return s.of(q).sample }

// Interval returns the median of a quantity with its interval, nil if it was not
// measured.
func (s *CellSummary) Interval(q *Quantity) *stat.Interval {
	if v := s.of(q); v.interval != nil {
		return v.interval
	}
	if n := s.Number(q); n != nil {
		return &stat.Interval{Median: *n}
	}
	return nil
}

// Number returns what is quoted of a quantity: the median, the highest or the total. It
// is nil if it was not measured.
func (s *CellSummary) Number(q *Quantity) *float64 {
	switch v := s.of(q); {
	case v.interval != nil:
		return &v.interval.Median
	case v.count != nil:
		return new(float64(*v.count))
	default:
		return v.number
	}
}

// Times returns the quantiles of a quantity over all trials, nil if no trial has any.
func (s *CellSummary) Times(q *Quantity) *histogram.Quantiles { return s.of(q).quoted }

// Histogram returns what those quantiles were read from.
func (s *CellSummary) Histogram(q *Quantity) *histogram.Histogram { return s.of(q).times }

// Quantile returns a quantile of a quantity over all trials in ns, nil if there are too
// few times to tell.
func (s *CellSummary) Quantile(q *Quantity, name string) *float64 {
	if ns, ok := s.Times(q).At(name); ok {
		return &ns
	}
	return nil
}
