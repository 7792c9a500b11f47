package plots

import (
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/results"
)

// Scene is a part of a run that belongs into one figure: cells that share every
// parameter that all strategies have.
type Scene struct {
	Manifest  *results.Manifest
	Label     string // "payload=64", the parameters that tell scenes apart; empty if there is one
	Producers []int  // ascending
	Series    []Series
}

// Series is a strategy with one choice of its own parameters, over producers.
type Series struct {
	Name  string // as labelled: the strategy, and what else tells it apart
	Look  look
	Cells map[int]*results.CellSummary // by producers

	strategy, choice string // whose cells these are
}

// scenes cuts a summary into scenes, in the order of its cells.
func scenes(m *results.Manifest, summary *results.Summary) []*Scene {
	var shared, own []results.Parameter
	for _, p := range results.Varying(m.Cells) {
		if p.Shared {
			shared = append(shared, p)
		} else {
			own = append(own, p)
		}
	}
	var all []*Scene
	for i := range summary.Cells {
		cell := &summary.Cells[i]
		label := cell.Label(shared, " ")
		at := slices.IndexFunc(all, func(s *Scene) bool { return s.Label == label })
		if at < 0 {
			at = len(all)
			all = append(all, &Scene{Manifest: m, Label: label})
		}
		all[at].add(cell, own)
	}
	for _, s := range all {
		slices.Sort(s.Producers)
	}
	return all
}

func (s *Scene) add(cell *results.CellSummary, own []results.Parameter) {
	if !slices.Contains(s.Producers, cell.Producers) {
		s.Producers = append(s.Producers, cell.Producers)
	}
	choice := cell.Label(own, " ")
	variant := 0
	for i := range s.Series {
		if s.Series[i].strategy != cell.Strategy {
			continue
		}
		if s.Series[i].choice == choice {
			s.Series[i].Cells[cell.Producers] = cell
			return
		}
		variant++
	}
	series := Series{Cells: map[int]*results.CellSummary{cell.Producers: cell}, strategy: cell.Strategy, choice: choice}
	strategy := s.Manifest.Strategy(cell.Strategy)
	if strategy.Floor {
		series.Name, series.Look = strings.TrimSpace("harness floor "+choice), floorLook()
	} else {
		series.Name = strings.TrimSpace(cell.Strategy + " " + choice)
		series.Look = lookOf(strategy.Index, variant)
	}
	s.Series = append(s.Series, series)
}

// failed reports whether the series has trials at some producers and all failed.
func (s *Series) failed(producers int) bool {
	c := s.Cells[producers]
	return c != nil && c.Trials > 0 && c.Failed == c.Trials
}

// ranked returns the series without the floor.
func (s *Scene) ranked() []Series {
	return slices.DeleteFunc(slices.Clone(s.Series), func(x Series) bool { return x.Look.floor })
}

// subtitle says where the figure's numbers come from.
func (s *Scene) subtitle() []string {
	e := s.Manifest.Environment
	machine := []string{}
	for _, part := range []string{e.CPU, results.Plural(e.Cores, "core"), e.Go, results.Plural(s.Manifest.Reps, "repetition"), s.items()} {
		if part != "" {
			machine = append(machine, part)
		}
	}
	lines := []string{strings.Join(machine, " · ")}
	if s.Label != "" {
		lines = append(lines, s.Label)
	}
	return lines
}

// items tells the size of the items if it is the same in all cells.
func (s *Scene) items() string {
	size := -1
	for _, series := range s.Series {
		for _, c := range series.Cells {
			if size >= 0 && size != c.Payload {
				return ""
			}
			size = c.Payload
		}
	}
	return results.Plural(size, "byte") + " per item"
}

// intervals says what the error bars are.
func (s *Scene) intervals() string {
	if s.Manifest.Reps < results.MinReps {
		return "n<6: no interval"
	}
	return "bars: 95 % order-statistic interval"
}
