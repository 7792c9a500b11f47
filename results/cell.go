package results

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/parameter"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// summarizeCell computes everything that needs no other cell.
func summarizeCell(m *Manifest, cell Cell, trials []Trial) CellSummary {
	s := CellSummary{Cell: cell, Trials: len(trials)}
	if described := m.Strategy(cell.Strategy); described != nil {
		s.strategy = *described
	}
	var measured []*Measurement
	for _, t := range trials {
		if t.Measurement != nil {
			measured = append(measured, t.Measurement)
		}
	}
	s.countFailures(m, trials)
	for _, q := range quantities {
		if !q.IsAbout(cell) {
			continue
		}
		s.Set(q, q.Sample(trials))
		if q.Times != nil {
			s.SetTimes(q, merge(trials, q.Times))
		}
	}
	if cell.IsLoad() {
		s.courses(measured)
	}
	s.Disturbed = disturbed(cell, measured)
	if cell.IsClosed() {
		s.Humps = newHumps(s.Sample(NsPerMsg))
	}
	s.lives(m, trials)
	s.Warnings = s.cellWarnings(trials)
	return s
}

// values collects what some measurements have.
func values(measured []*Measurement, of func(*Measurement) (float64, bool)) []float64 {
	var out []float64
	for _, m := range measured {
		if v, ok := of(m); ok {
			out = append(out, v)
		}
	}
	return out
}

// merge adds up one histogram of each of some trials, or returns nil when none
// has one.
func merge(trials []Trial, of func(*Measurement) *histogram.Histogram) *histogram.Histogram {
	var merged *histogram.Histogram
	for _, t := range trials {
		if t.Measurement == nil {
			continue
		}
		h := of(t.Measurement)
		if h == nil {
			continue
		}
		if merged == nil {
			merged = histogram.New()
		}
		merged.Merge(h)
	}
	merged.Pack()
	return merged
}

// countFailures counts the trials that have no measurement, and those of them that
// ended as expected, and puts both into words.
func (s *CellSummary) countFailures(m *Manifest, trials []Trial) {
	failed, expected := map[string]int{}, map[FailureKind]int{}
	for _, t := range trials {
		switch {
		case t.Failure == nil:
			continue
		case m.Expects(t.Failure):
			s.Expected++
			expected[t.Failure.Kind]++
		default:
			failed[string(t.Failure.Kind)]++
		}
		s.Failed++
	}
	s.failures = describeFailures(failed, s.Failed-s.Expected, len(trials))
	for _, kind := range Expectable() {
		if n := expected[kind]; n > 0 {
			s.ends = append(s.ends, fmt.Sprintf("%d of %s %s, as expected", n, units.Plural(len(trials), "trial"), kind.Ended()))
		}
	}
}

// Unmeasured reports whether the cell has trials but no measurement, and whether
// that is as the run expects.
func (s *CellSummary) Unmeasured() (unmeasured, expected bool) {
	unmeasured = s.Trials > 0 && s.Failed == s.Trials
	return unmeasured, unmeasured && s.Expected == s.Failed
}

// BacklogSummary is how many items there were in a fan-in, or in flight.
type BacklogSummary struct {
	Mean float64 `json:"mean"` // over time; median over trials
	Max  int64   `json:"max"`  // of all trials
}

// StageSummary is one stage of a pipeline: see Stage.
type StageSummary struct {
	CostNs     int64          `json:"cost_ns,omitempty"` // what it takes per message; absent for the producers
	Throughput *stat.Interval `json:"throughput_msgs_per_s,omitempty"`
	// BlockedShare is the share of its time that it spent in sends to the next stage;
	// of the producers, on average. It is absent for the last.
	BlockedShare *float64        `json:"blocked_share,omitempty"`
	Backlog      *BacklogSummary `json:"backlog,omitempty"` // waiting before it; absent for the producers
}

// End is how a trial without a measurement ended.
type End struct {
	Kind     FailureKind
	Expected bool
	LifeNs   int64 // of its process
	// AtNs and Bytes are the end of what was seen of its resident memory: when that
	// was, since the process began, and how much. They are 0 if nothing was seen.
	AtNs, Bytes float64
}

// courses fills in how full the fan-in was over time.
func (s *CellSummary) courses(measured []*Measurement) {
	_, s.Series = levels(measured, backlogOf)
	_, s.InFlightSeries = levels(measured, inFlightOf)
	s.stages(measured)
}

// levels summarises what was sampled of some trials; nil if nothing was.
func levels(measured []*Measurement, of func(*Measurement) *Backlog) (*BacklogSummary, *stat.Series) {
	out := &BacklogSummary{}
	var tracks []stat.Track
	var means []float64
	for _, m := range measured {
		if b := of(m); b != nil {
			out.Max = max(out.Max, b.Max)
			tracks, means = append(tracks, stat.Track{StepNs: b.StepNs, Values: b.Series.Values()}), append(means, b.Mean)
		}
	}
	if len(tracks) == 0 {
		return nil, nil
	}
	out.Mean = *stat.Median(means)
	return out, stat.NewSeries(tracks)
}

// stages fills in what the stages of a pipeline did.
func (s *CellSummary) stages(measured []*Measurement) {
	most := 0
	for _, m := range measured {
		most = max(most, len(m.Stages))
	}
	for i := range most {
		var having []*Measurement
		for _, m := range measured {
			if i < len(m.Stages) {
				having = append(having, m)
			}
		}
		senders := 1
		if i == 0 {
			senders = s.Producers
		}
		stage := StageSummary{CostNs: having[0].Stages[i].CostNs}
		stage.Throughput = stat.NewInterval(values(having, func(m *Measurement) (float64, bool) { return unlessZero(m.Stages[i].Throughput()) }))
		stage.BlockedShare = stat.Median(values(having, func(m *Measurement) (float64, bool) { return m.Stages[i].blockedShare(senders) }))
		stage.Backlog, _ = levels(having, func(m *Measurement) *Backlog { return m.Stages[i].Backlog })
		s.PerStage = append(s.PerStage, stage)
	}
}

// blockedShare returns which share of their time so many senders spent in sends.
func (s Stage) blockedShare(senders int) (float64, bool) {
	if s.BlockedNs == nil || s.ElapsedNs == 0 {
		return 0, false
	}
	return min(1, float64(*s.BlockedNs)/(float64(s.ElapsedNs)*float64(senders))), true
}

// lives fills in the memory of all trials over time, and how those without a
// measurement ended.
func (s *CellSummary) lives(m *Manifest, trials []Trial) {
	var tracks []stat.Track
	for _, t := range trials {
		end := End{LifeNs: t.WallNs, Expected: m.Expects(t.Failure)}
		if t.Memory != nil {
			if n := t.Memory.Series.Len(); n > 0 {
				seen := t.Memory.Series.Values()
				tracks = append(tracks, stat.Track{StepNs: t.Memory.StepNs, Values: seen})
				end.AtNs, end.Bytes = float64(n)*float64(t.Memory.StepNs), float64(seen[n-1])
			}
		}
		if t.Failure != nil {
			end.Kind = t.Failure.Kind
			s.Ends = append(s.Ends, end)
		}
	}
	s.Growth = stat.NewSeries(tracks)
}

// Conditions names what a load, the search that it is a share of and the harness
// floor that it is held against have in common, besides the producers: the shared
// parameters but for what is offered and what disturbs it.
func (c Cell) Conditions() string {
	return c.Label(slices.DeleteFunc(Parameters(), func(p Parameter) bool { return p.Role != parameter.Condition }), " ")
}

// Shared returns what strategies that are compared in a cell have in common: the cell without
// its strategy and what concerns some strategies only.
func (c Cell) Shared() Cell {
	c.Strategy = ""
	for _, p := range declared {
		if !p.Shared() {
			p.Clear(&c)
		}
	}
	return c
}

// Label returns name=value for each of the parameters that the cell has, with
// separator between them.
func (c Cell) Label(parameters []Parameter, separator string) string {
	var parts []string
	for _, p := range parameters {
		if v := p.Value(c); v != "" {
			parts = append(parts, p.Name+"="+v)
		}
	}
	return strings.Join(parts, separator)
}

// path names the cell within its run as strategy/producers=N/name=value...
func (c Cell) path(varying []Parameter) string {
	path := fmt.Sprintf("%s/producers=%d", c.Strategy, c.Producers)
	if rest := c.Label(varying, "/"); rest != "" {
		path += "/" + rest
	}
	return path
}

// String describes the cell in full, for messages.
func (c Cell) String() string {
	text := fmt.Sprintf("%s producers=%d %s", c.Strategy, c.Producers, c.Label(Parameters(), " "))
	if c.Messages > 0 {
		text += fmt.Sprintf(" messages=%d", c.Messages)
	}
	if c.DurationNs > 0 {
		text += fmt.Sprintf(" duration=%v", time.Duration(c.DurationNs))
	}
	return text
}

// sameConditions reports whether two cells differ in nothing but the strategy,
// and the parameters named in but: the producers are equal, every other
// parameter that all strategies have, and of the rest every one that both have.
func (c Cell) sameConditions(other Cell, but ...string) bool {
	if c.Producers != other.Producers {
		return false
	}
	for _, p := range Parameters() {
		a, b := p.Value(c), p.Value(other)
		if a == b || slices.Contains(but, p.Name) || !p.Shared() && (a == "" || b == "") {
			continue
		}
		return false
	}
	return true
}

// IsOpen reports whether the cell is a load whose messages arrive whether or not
// the strategy keeps up.
func (c Cell) IsOpen() bool { return c.Kind == "" && c.Arrival != ArrivalClosed }

// IsClosed reports whether the cell is a load in which each producer sends as
// fast as it can.
func (c Cell) IsClosed() bool { return c.Kind == "" && !c.IsOpen() }

// IsLoad reports whether the cell is a load: neither a search nor a probe.
func (c Cell) IsLoad() bool { return c.Kind == "" }

// KeepsHandles reports whether each producer sends through a handle of its own for as
// long as there is something to send.
func (c Cell) KeepsHandles() bool { return c.Sharing != SharingShared && c.Lifetime == 0 }

func (c Cell) isSearch() bool { return c.Kind == KindSearch }
func (c Cell) isProbe() bool  { return c.Kind == KindProbe }
