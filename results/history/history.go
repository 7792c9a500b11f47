package history

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// History is what several runs measured of the same cells.
type History struct {
	Runs    []PastRun       `json:"runs"` // in the order in which they began
	Metrics []MetricHistory `json:"metrics"`

	// Strategies is every strategy of the runs, as the latest describes it.
	Strategies []results.Strategy `json:"strategies"`
}

// PastRun is one of the runs of a history.
type PastRun struct {
	Dir      string    `json:"dir"`
	Scenario string    `json:"scenario"`
	Label    string    `json:"label,omitempty"`
	Version  string    `json:"version"`
	Started  time.Time `json:"started"`
	// Changes is in what the environment differs from the run before. A step of a
	// median that falls together with one says nothing of the strategy.
	Changes []string `json:"environment_changes,omitempty"`
}

// MetricHistory is one quantity over the runs.
type MetricHistory struct {
	Quantity *results.Quantity `json:"-"`
	Name     string            `json:"name"`
	Unit     string            `json:"unit"` // of the numbers as they are stored
	Cells    []CellHistory     `json:"cells"`
}

// Title is what the numbers are, with their unit: "Throughput, million messages per
// second".
func (m MetricHistory) Title() string {
	title, quantile := m.Quantity.Parts()
	title = strings.ToUpper(title[:1]) + title[1:]
	if quantile != "" {
		return title + ", " + quantile + " of a trial"
	}
	if heading := m.Quantity.Unit.Heading; heading != "" {
		return title + ", " + heading
	}
	return title
}

// CellHistory is one cell over the runs.
type CellHistory struct {
	results.Cell
	Points []*stat.Interval `json:"points"` // one for each run; null where it has none
}

// New follows the chosen cells through runs. Cells are the same if they differ in
// nothing, how long they were watched among that: longer trials see rarer disturbances.
func New(runs []*results.Run, choice results.Choice) (*History, error) {
	if len(runs) < 2 {
		return nil, errors.New("a history needs at least two runs")
	}
	runs = slices.Clone(runs)
	slices.SortStableFunc(runs, func(a, b *results.Run) int { return a.Manifest.Started.Compare(b.Manifest.Started) })
	h := &History{Strategies: strategiesOf(runs)}
	for i, run := range runs {
		m := &run.Manifest
		past := PastRun{Dir: run.Dir, Scenario: m.Scenario, Label: m.Label, Version: m.Version, Started: m.Started}
		if i > 0 {
			past.Changes = changes(m, &runs[i-1].Manifest)
		}
		h.Runs = append(h.Runs, past)
	}
	trials := make([]map[results.Cell][]results.Trial, len(runs))
	for i, run := range runs {
		trials[i] = run.ByCell()
	}
	for _, q := range results.Followed() {
		if cells := follow(runs, trials, q, choice); len(cells) > 0 {
			h.Metrics = append(h.Metrics, MetricHistory{Quantity: q, Name: q.Stem(), Unit: q.Unit.Key, Cells: cells})
		}
	}
	if len(h.Metrics) == 0 {
		return nil, h.nothing(runs)
	}
	return h, nil
}

// nothing says what there is to choose where nothing of it was chosen, or measured.
func (h *History) nothing(runs []*results.Run) error {
	var cells []results.Cell
	for _, run := range runs {
		cells = append(cells, run.Manifest.Cells...)
	}
	var names []string
	for _, s := range h.Strategies {
		names = append(names, s.Name)
	}
	return fmt.Errorf("none of the %d runs measured a chosen cell (there are strategies %s and producers %s)",
		len(runs), strings.Join(names, " "), strings.Trim(fmt.Sprint(results.ProducersOf(cells)), "[]"))
}

// strategiesOf returns the strategies of some runs in the order of the registry.
func strategiesOf(runs []*results.Run) []results.Strategy {
	var all []results.Strategy
	for _, run := range slices.Backward(runs) {
		for _, s := range run.Manifest.Strategies {
			if !slices.ContainsFunc(all, func(known results.Strategy) bool { return known.Name == s.Name }) {
				all = append(all, s)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b results.Strategy) int { return a.Index - b.Index })
	return all
}

// changes lists in what a run's environment differs from that of an earlier one.
func changes(m, earlier *results.Manifest) []string {
	if len(m.Machines) == 0 && len(earlier.Machines) == 0 {
		return m.Environment.Changes(earlier.Environment)
	}
	was, is := machineList(earlier), machineList(m)
	if was == is {
		return nil
	}
	return []string{fmt.Sprintf("machines %s -> %s", was, is)}
}

func machineList(m *results.Manifest) string {
	var names []string
	for _, machine := range m.Machines {
		names = append(names, machine.Name)
	}
	if len(names) == 0 {
		names = append(names, m.Environment.Label())
	}
	return strings.Join(names, ", ")
}

// follow returns the cells that a quantity is about, with a point of each run, in
// the order in which they first appear. A cell without any point is left out.
func follow(runs []*results.Run, trials []map[results.Cell][]results.Trial, q *results.Quantity, choice results.Choice) []CellHistory {
	var all []CellHistory
	at := map[results.Cell]int{}
	for i, run := range runs {
		for _, cell := range run.Manifest.Cells {
			if !q.Compared(cell) || !choice.Has(cell) {
				continue
			}
			point := q.Comparable(q.Sample(trials[i][cell])).Interval()
			if point == nil {
				continue
			}
			if _, seen := at[cell]; !seen {
				at[cell] = len(all)
				all = append(all, CellHistory{cell, make([]*stat.Interval, len(runs))})
			}
			all[at[cell]].Points[i] = point
		}
	}
	return all
}

// Change words what became of a cell between two of its points: "~" where their
// intervals overlap or cannot be told, "" where one is missing.
func (c CellHistory) Change(from, to int) string {
	a, b := c.Points[from], c.Points[to]
	switch {
	case a == nil || b == nil || a.Median == 0:
		return ""
	case a.Lo == nil || b.Lo == nil || *a.Lo <= *b.Hi && *b.Lo <= *a.Hi:
		return "~"
	default:
		return fmt.Sprintf("%+.1f %%", 100*(b.Median/a.Median-1))
	}
}

// Label names a cell among those of its metric.
func (m MetricHistory) Label() func(results.Cell) string {
	cells := make([]results.Cell, len(m.Cells))
	lengths := map[results.Cell]map[string]bool{} // of the cells that differ in nothing else
	for i, c := range m.Cells {
		cells[i] = c.Cell
		rest, length := watched(c.Cell)
		if lengths[rest] == nil {
			lengths[rest] = map[string]bool{}
		}
		lengths[rest][length] = true
	}
	label := results.Labels(cells, []string{results.ProducersName})
	return func(c results.Cell) string {
		if rest, length := watched(c); len(lengths[rest]) > 1 {
			return label(c) + ", " + length
		}
		return label(c)
	}
}

// watched returns a cell without how long it is watched, and that in words.
func watched(c results.Cell) (rest results.Cell, length string) {
	length = units.Duration(c.DurationNs)
	if c.Messages > 0 {
		length = fmt.Sprintf("%d messages", c.Messages)
	}
	c.Messages, c.DurationNs = 0, 0
	return c, length
}
