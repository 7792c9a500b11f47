package plots

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/files"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// Scene is a part of a run that belongs into one figure: cells of one kind that
// share every parameter that all strategies have.
type Scene struct {
	Manifest  *results.Manifest
	Kind      SceneKind
	Label     string // "payload=64", the parameters that tell scenes apart; empty if there is one
	Producers []int  // ascending
	Steps     []results.Step
	Series    []Series
	Group     string // what the series have in common, if the scene was cut by that

	summary *results.Summary
	swept   *swept // what it goes along instead of the producers, if it does
	first   results.Cell
	alone   bool // Group is the only one of the run
	aside   bool // one number of producers under other conditions than a scene of several
}

// SceneKind says what the cells of a scene measure; kinds may be combined.
type SceneKind int

// The kinds of scenes.
const (
	Closed SceneKind = 1 << iota // loads in which each producer sends as fast as it can
	Open                         // loads at a given rate, with the searches for saturation
	Rest                         // probes of fan-ins at rest
	Swept                        // loads along a parameter other than the producers
	Whole                        // all that was measured

	// ByKind is none: it says of a figure that there is one for each group of series
	// that may be compared, where the figure itself does not keep them apart.
	ByKind
)

func (k SceneKind) String() string {
	return map[SceneKind]string{
		Closed: "closed loop", Open: "open loop", Closed | Open: "load", Rest: "probe",
		Swept: "parameter of three values or more", Whole: "cell",
	}[k&^ByKind]
}

func kindOf(c results.Cell) SceneKind {
	switch {
	case c.Kind == results.KindProbe:
		return Rest
	case c.IsOpen():
		return Open
	default:
		return Closed
	}
}

// floorName is what figures call the harness floor, whatever strategy it is.
const floorName = "harness floor"

// Series is a strategy with one choice of its own parameters.
type Series struct {
	Name  string // as labelled: the strategy, and what else tells it apart
	Look  look
	Cells map[int]*results.CellSummary // by what the scene counts; of an open loop those of the main step

	offers   map[offer]*results.CellSummary // of open loops, all
	searches map[int]*results.CellSummary   // for the saturation rate, by producers

	all []*results.CellSummary // of a whole run

	strategy  *results.Strategy // whose cells these are
	choice    string            // of its own parameters
	reference bool              // shown where it is of another kind
	policy    string            // what it does when full; empty for what never is
	first     results.Cell
}

type offer struct {
	producers int
	step      results.Step
}

// maxScenes is how many combinations of parameters are drawn: nobody looks at
// hundreds of pictures, and a file can claim a hundred thousand.
const maxScenes = 64

// scenes cuts a summary into scenes, in the order of its cells, at most maxScenes.
func scenes(m *results.Manifest, summary *results.Summary) []*Scene {
	own := slices.DeleteFunc(results.Varying(m.Cells), func(p results.Parameter) bool { return p.Shared() })
	ofKind := map[SceneKind][]results.Parameter{} // a look at all cells for each cell would take seconds
	for _, kind := range []SceneKind{Closed, Open, Rest} {
		ofKind[kind] = telling(m, kind)
	}
	var all []*Scene
	for i := range summary.Cells {
		cell := &summary.Cells[i]
		if cell.Cell.Kind == results.KindSearch {
			continue
		}
		kind := kindOf(cell.Cell)
		label := cell.Label(ofKind[kind], " ")
		at := slices.IndexFunc(all, func(s *Scene) bool { return s.Kind == kind && s.Label == label })
		if at < 0 && len(all) == maxScenes {
			continue
		}
		if at < 0 {
			at = len(all)
			all = append(all, &Scene{Manifest: m, Kind: kind, Label: label, summary: summary, first: cell.Cell})
		}
		all[at].add(cell, own)
	}
	for _, s := range all {
		s.finish(own)
	}
	setAside(all)
	return all
}

// setAside marks the loads that a run has of one number of producers and a few rates at
// most, beside a closed loop of several numbers under other conditions: what there is to
// see of them is in the matrix.
func setAside(all []*Scene) {
	several := slices.ContainsFunc(all, func(s *Scene) bool { return s.Kind == Closed && len(s.Producers) >= leastValues })
	for _, s := range all {
		s.aside = several && s.Kind != Rest && len(s.Producers) == 1 && len(s.Steps) < leastValues
	}
}

// telling lists the parameters that tell scenes of a kind apart: those that vary
// among its cells and that all strategies have, but for what an open loop offers,
// which is an axis.
func telling(m *results.Manifest, kind SceneKind) []results.Parameter {
	cells := slices.DeleteFunc(slices.Clone(m.Cells), func(c results.Cell) bool {
		if c.Kind == results.KindSearch {
			return true
		}
		// A run of closed and open loops names both.
		return (kindOf(c) == Rest) != (kind == Rest)
	})
	return slices.DeleteFunc(results.Varying(cells), func(p results.Parameter) bool {
		return !p.Shared() || p.Name == "rate" || p.Name == "load"
	})
}

// finish adds what refers to the scene's cells, and picks those of Cells.
func (s *Scene) finish(own []results.Parameter) {
	slices.Sort(s.Producers)
	var cells []results.Cell
	for _, series := range s.Series {
		for _, c := range series.offers {
			cells = append(cells, c.Cell)
		}
	}
	s.Steps = results.Steps(cells)
	for _, series := range s.Series {
		for _, p := range s.Producers {
			if c := series.offers[offer{p, s.mainStep()}]; c != nil {
				series.Cells[p] = c
			}
		}
		for i := range s.summary.Cells {
			c := &s.summary.Cells[i]
			if c.Kind == results.KindSearch && c.Strategy == series.strategy.Name && c.Label(own, " ") == series.choice && s.searchedIn(c.Cell) {
				series.searches[c.Producers] = c
			}
		}
	}
}

// searchedIn reports whether a search was made under the scene's conditions.
func (s *Scene) searchedIn(search results.Cell) bool {
	return search.Conditions() == s.first.Conditions()
}

func (s *Scene) add(cell *results.CellSummary, own []results.Parameter) {
	if !slices.Contains(s.Producers, cell.Producers) {
		s.Producers = append(s.Producers, cell.Producers)
	}
	s.seriesOf(cell, cell.Label(own, " ")).add(cell)
}

// seriesOf returns the series that a cell belongs to, a new one for the first of it.
func (s *Scene) seriesOf(cell *results.CellSummary, choice string) *Series {
	variant := 0
	for i := range s.Series {
		if s.Series[i].strategy.Name != cell.Strategy {
			continue
		}
		if s.Series[i].choice == choice {
			return &s.Series[i]
		}
		variant++
	}
	series := Series{
		Cells: map[int]*results.CellSummary{}, offers: map[offer]*results.CellSummary{}, searches: map[int]*results.CellSummary{},
		strategy: s.Manifest.Strategy(cell.Strategy), choice: choice, policy: cell.Policy, first: cell.Cell,
	}
	if series.strategy.Floor {
		series.Name, series.Look = strings.TrimSpace(floorName+" "+choice), floorLook()
	} else {
		series.Name = strings.TrimSpace(cell.Strategy + " " + choice)
		series.Look = lookOf(series.strategy.Index, variant)
		if (cell.SendBatch > 1 || s.along("send-batch")) && !series.strategy.Batch {
			series.Name += oneByOne
		}
	}
	series.Look.owner = owner{cell.Strategy, series.Name}
	s.Series = append(s.Series, series)
	return &s.Series[len(s.Series)-1]
}

// oneByOne follows the names of strategies that have no batches of their own, where
// others are sent some.
const oneByOne = " (one by one)"

func (s *Series) add(cell *results.CellSummary) {
	if cell.IsOpen() {
		s.offers[offer{cell.Producers, cell.Step()}] = cell
		return
	}
	s.Cells[cell.Producers] = cell
}

// failed reports whether the series has trials at some count and all failed.
func (s *Series) failed(count int) bool { return failed(s.Cells[count]) }

// ranked returns the series without the floor.
func (s *Scene) ranked() []Series {
	return slices.DeleteFunc(slices.Clone(s.Series), func(x Series) bool { return x.Look.floor })
}

// cells returns the cells that the scene's figures are drawn of.
func (s *Scene) cells() map[results.Cell]bool {
	all := map[results.Cell]bool{}
	for _, series := range s.Series {
		for _, c := range series.all {
			all[c.Cell] = true
		}
		for _, c := range series.Cells {
			all[c.Cell] = true
		}
		for _, c := range series.offers {
			all[c.Cell] = true
		}
		for _, c := range series.searches {
			all[c.Cell] = true
		}
	}
	return all
}

// byKind cuts scenes into one for each group of series that may be compared, with
// the baseline in the others for reference.
func byKind(scenes []*Scene) []*Scene {
	var out []*Scene
	for _, s := range scenes {
		all := groups(s.Series)
		for _, g := range all {
			part := *s
			part.Series, part.Group, part.alone = slices.Concat(g.references, g.series), g.title, len(all) == 1
			out = append(out, &part)
		}
		if len(all) == 0 {
			out = append(out, s)
		}
	}
	return out
}

// name returns the name of a figure of the scene: that of its file.
func (s *Scene) name(figure string) string {
	name := figure
	if s.swept != nil {
		name += "_" + s.swept.parameter
	}
	if s.Label != "" {
		name += "_" + strings.NewReplacer(" ", "_", "=", "-").Replace(s.Label)
	}
	if s.Group != "" && !s.alone {
		name += "_" + slug(s.Group)
	}
	return files.Name(files.Portable(name), maxName)
}

// maxName is how long the name of a figure may be: what begins it tells more than the
// rest, and its file has an extension.
const maxName = 200

// slug keeps what may stand in a file name: a group is named in the words of a file.
func slug(text string) string {
	parts := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(parts, "-")
}

// subtitle says where the figure's numbers come from.
func (s *Scene) subtitle() []string {
	lines := []string{s.machine() + " · " + s.items()}
	if s.Label != "" {
		lines = append(lines, s.Label)
	}
	if s.along(busyName) {
		lines = append(lines, s.besideNote())
	}
	if s.Group != "" {
		lines = append(lines, s.Group+s.referenceNote())
	}
	return lines
}

// machine says where the numbers come from, and of how many trials each.
func (s *Scene) machine() string {
	e := s.Manifest.EnvironmentOf(s.first)
	parts := []string{e.CPU, units.Plural(e.Cores, "core"), e.Go, s.Manifest.Repetitions()}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " · ")
}

// referenceNote explains the series of another kind, if the scene has one.
func (s *Scene) referenceNote() string {
	for _, x := range s.Series {
		if x.reference {
			return "; grey with dots, for reference: " + x.Name
		}
	}
	return ""
}

// items tells the size of the items and how many are sent at a time, but for what the
// scene goes along: batches are nothing to compare single sends with.
func (s *Scene) items() string {
	var parts []string
	if !s.along("payload") {
		size := units.Plural(s.first.Payload, "byte") + " per item"
		if s.first.PayloadMix != "" {
			size = "sizes are mixed, " + size + " on average"
		}
		parts = append(parts, size)
	}
	if s.first.Item == results.ItemValue {
		parts = append(parts, "by value")
	}
	switch n := s.first.SendBatch; {
	case s.along("send-batch"):
	case n > 1:
		parts = append(parts, fmt.Sprintf("sent in batches of %d", n))
	default:
		parts = append(parts, "single sends")
	}
	return strings.Join(parts, ", ")
}

// intervals says what the error bars are: 95 % of which kind.
func (s *Scene) intervals(kind string) string {
	if s.Manifest.Reps < stat.MinReps {
		return "n<6: no interval"
	}
	return "bars: 95 % " + kind
}
