package plots

import (
	"fmt"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// maxPanels is how many places the figures with a panel for each show: the
// first, the last and one between them fill a page.
const maxPanels = 3

// place is what a panel of its own shows: a number of producers and, of an open
// loop, what is offered.
type place struct{ offer }

// cell returns a series' cell at the place, or nil.
func (p place) cell(series Series) *results.CellSummary {
	if p.step == (results.Step{}) {
		return series.Cells[p.producers]
	}
	return series.offers[p.offer]
}

func (p place) title() string {
	title := units.Plural(p.producers, "producer")
	if p.step != (results.Step{}) {
		title = fmt.Sprintf("%s, %s", title, p.step)
	}
	return title
}

// places picks what to show: of those places where the most series have what is
// wanted the first, the last and evenly between them. Several loads are compared
// at the middle number of producers; otherwise the producers are.
func (s *Scene) places(wanted func(*results.CellSummary) bool) []place {
	most := 0
	var best []place
	for _, p := range s.candidates() {
		n := 0
		for _, series := range s.ranked() {
			if c := p.cell(series); c != nil && wanted(c) {
				n++
			}
		}
		if n > most {
			most, best = n, nil
		}
		if n == most && n > 0 {
			best = append(best, p)
		}
	}
	return spaced(best)
}

// spaced picks maxPanels of a list, if it is longer: the first, the last and evenly
// between them.
func spaced[V any](list []V) []V {
	if len(list) <= maxPanels {
		return list
	}
	picked := make([]V, maxPanels)
	for i := range picked {
		picked[i] = list[i*(len(list)-1)/(maxPanels-1)]
	}
	return picked
}

// mainPlace returns the one place to show where a single one has to do: the middle
// number of producers of those where the most series have what is wanted, at the
// main step.
func (s *Scene) mainPlace(wanted func(*results.CellSummary) bool) (place, bool) {
	var best []place
	most := 1
	for _, producers := range s.Producers {
		p, n := place{offer{producers, s.mainStep()}}, 0
		for _, series := range s.ranked() {
			if c := p.cell(series); c != nil && wanted(c) {
				n++
			}
		}
		if n > most {
			most, best = n, nil
		}
		if n == most {
			best = append(best, p)
		}
	}
	if len(best) == 0 {
		return place{}, false
	}
	return best[len(best)/2], true
}

// mainStep returns the highest of an open loop's steps at which no strategy missed
// the rate, or the lowest of all: beyond that, strategies are not loaded alike.
func (s *Scene) mainStep() results.Step {
	var main results.Step
	for i, step := range s.Steps {
		if i == 0 || !s.missed(step) {
			main = step
		}
	}
	return main
}

func (s *Scene) missed(step results.Step) bool {
	for _, series := range s.ranked() {
		for _, p := range s.Producers {
			if c := series.offers[offer{p, step}]; c != nil && c.MissedRate() {
				return true
			}
		}
	}
	return false
}

func (s *Scene) candidates() []place {
	var all []place
	switch {
	case len(s.Steps) > 1:
		middle := s.Producers[len(s.Producers)/2]
		for _, step := range s.Steps {
			all = append(all, place{offer{middle, step}})
		}
	default:
		for _, producers := range s.Producers {
			p := place{offer{producers: producers}}
			if len(s.Steps) == 1 {
				p.step = s.Steps[0]
			}
			all = append(all, p)
		}
	}
	return all
}

// atStep says which of several steps of an open loop stands for all.
func (s *Scene) atStep() string {
	if len(s.Steps) == 0 {
		return ""
	}
	return ", at " + s.mainStep().String()
}
