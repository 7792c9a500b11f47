package report

import (
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/plots"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/question"
	"github.com/fanin-bench/fanin-bench/results/sheet"
)

// content is what the page shows, in its order.
type content struct {
	Scenario, Headline, Command string
	Unfinished                  int // trials that are missing

	ShortProducers int
	Short          []shortRow
	Answers        []*answers
	Choices        choices
	Strategies     []strategyRow
	Figures        []figure
	Skipped        []string
	Tables         []table
	Warnings       []string
	Failures       []failure
	Environment    [][2]string
	Files          []attachment
}

// choices is what the filters offer.
type choices struct {
	Producers  []int
	Strategies []string
	Families   []string // empty if there is one
	Bounds     bool     // both kinds were measured
	Peers      bool     // peers and own ones were measured
}

type strategyRow struct {
	Name, Family, Bound, Origin string // for the filters
	Facts                       []fact // the same of every row
	Waits, Doc, By              string
	Lacks                       [][2]string // promise and why
}

// fact is a cell of a table that carries its column's head, for screens on which a row
// becomes a list.
type fact struct{ Head, Text string }

type figure struct {
	Name, Title, Read string
	SVG               template.HTML
	Marks             marks
}

// marks is what a figure tells about its points, as small as it can be: a point is
// x, y, which series, how many producers, and its text.
type marks struct {
	Series [][2]string `json:"series"` // label and strategy
	Points [][5]any    `json:"points"`
}

type table struct {
	results.Table
	Sheet *sheet.Sheet
	ID    string
}

// Numeric reports of each column whether it holds numbers, by which rows are sorted,
// and not words.
func (t table) Numeric() []bool {
	numeric := make([]bool, len(t.Sheet.Columns))
	for _, row := range t.Sheet.Rows {
		for i, v := range row.Numbers {
			numeric[i] = numeric[i] || v != nil
		}
	}
	return numeric
}

type failure struct {
	Strategy, Conditions, Kind, Detail, Stderr string
	Producers, Times                           int
}

func newContent(run *results.Run, summary *results.Summary, pictures *plots.Pictures) (*content, error) {
	m := &run.Manifest
	c := &content{
		Scenario: m.Scenario, Headline: results.Headline(m), Command: strings.Join(m.Command, " "), Unfinished: run.Missing(),
		Strategies: strategyRows(m), Warnings: summary.AllWarnings(), Failures: failures(run), Environment: environment(m),
	}
	for i := range pictures.All {
		c.Figures = append(c.Figures, newFigure(&pictures.All[i]))
	}
	c.Skipped = pictures.Skipped
	for _, q := range question.All() {
		if a := judge(q, run, summary, pictures); a != nil {
			c.Answers = append(c.Answers, a)
		}
	}
	c.ShortProducers, c.Short = inShort(c.Answers)
	for i, t := range results.Tables() {
		if sheet := summary.Sheet(t); sheet != nil {
			c.Tables = append(c.Tables, table{t, sheet, fmt.Sprintf("table-%d", i)})
		}
	}
	c.Choices = choicesOf(m, c.Strategies)
	var err error
	c.Files, err = attachments(run, summary)
	return c, err
}

func newFigure(p *plots.Picture) figure {
	return figure{
		Name: p.Name, Title: p.Question, Read: p.Figure.Read, Marks: newMarks(p.SVG.Marks),
		SVG: template.HTML(p.SVG.Text), // its writer escapes what is in it
	}
}

func newMarks(all []plots.Mark) marks {
	out := marks{Series: [][2]string{}, Points: [][5]any{}}
	for _, m := range all {
		series := [2]string{m.Series, m.Strategy}
		at := slices.Index(out.Series, series)
		if at < 0 {
			at = len(out.Series)
			out.Series = append(out.Series, series)
		}
		out.Points = append(out.Points, [5]any{int(m.X + 0.5), int(m.Y + 0.5), at, m.Producers, m.Text})
	}
	return out
}

func strategyRows(m *results.Manifest) []strategyRow {
	var rows []strategyRow
	leaves := slices.ContainsFunc(m.Strategies, func(s results.Strategy) bool { return s.Processes })
	for i := range m.Strategies {
		s := &m.Strategies[i]
		batch := "one by one"
		if s.Batch {
			batch = "in one step"
		}
		row := strategyRow{
			Name: s.Name, Family: s.Family, Bound: boundOf(s), Origin: originOf(s), Waits: s.Wait, Doc: s.Doc, By: s.Module,
			Facts: []fact{
				{"family", s.Family},
				{"bound", s.Bound},
				{"when full", strings.Join(policies(m, s), ", ")},
				{"order", s.Order},
				{"a batch is sent", batch},
			},
		}
		if leaves {
			row.Facts = append(row.Facts, fact{"delivery", s.Delivery}, fact{"survives the end of", s.Surviving()})
		}
		for _, promise := range slices.Sorted(maps.Keys(s.Lacks)) {
			row.Lacks = append(row.Lacks, [2]string{promise, s.Lacks[promise]})
		}
		rows = append(rows, row)
	}
	return rows
}

// policies returns what a strategy offers when full, or, of a run that does not say,
// what was measured.
func policies(m *results.Manifest, s *results.Strategy) []string {
	if len(s.Policies) > 0 {
		return s.Policies
	}
	var measured []string
	for _, c := range m.Cells {
		if c.Strategy == s.Name && c.Policy != "" && !slices.Contains(measured, c.Policy) {
			measured = append(measured, c.Policy)
		}
	}
	return measured
}

func choicesOf(m *results.Manifest, rows []strategyRow) choices {
	var c choices
	for _, cell := range m.Cells {
		c.Producers = append(c.Producers, cell.Producers)
	}
	slices.Sort(c.Producers)
	c.Producers = slices.Compact(c.Producers)
	differ := func(of func(strategyRow) string) bool {
		return slices.ContainsFunc(rows, func(r strategyRow) bool { return of(r) != of(rows[0]) })
	}
	for _, r := range rows {
		c.Strategies = append(c.Strategies, r.Name)
		if r.Family != "" && !slices.Contains(c.Families, r.Family) {
			c.Families = append(c.Families, r.Family)
		}
	}
	if len(c.Families) < 2 {
		c.Families = nil
	}
	c.Bounds = differ(func(r strategyRow) string { return r.Bound })
	c.Peers = differ(func(r strategyRow) string { return r.Origin })
	return c
}

// failures lists failed trials, those of a cell that failed alike together.
func failures(run *results.Run) []failure {
	varying := results.Varying(run.Manifest.Cells)
	type key struct {
		cell results.Cell
		kind results.FailureKind
		text string
	}
	at := map[key]int{}
	var all []failure
	for _, t := range run.Trials {
		if t.Failure == nil || run.Manifest.Expects(t.Failure) {
			continue // what ended as expected is in a table
		}
		k := key{t.Cell, t.Failure.Kind, t.Failure.Detail}
		i, seen := at[k]
		if !seen {
			i = len(all)
			at[k] = i
			all = append(all, failure{
				Strategy: t.Cell.Strategy, Producers: t.Cell.Producers, Conditions: t.Cell.Label(varying, " "),
				Kind: string(t.Failure.Kind), Detail: t.Failure.Detail, Stderr: t.Failure.Stderr,
			})
		}
		all[i].Times++
	}
	slices.SortStableFunc(all, func(a, b failure) int {
		return cmp.Or(cmp.Compare(a.Strategy, b.Strategy), cmp.Compare(a.Producers, b.Producers))
	})
	return all
}

// environment lists what is known of where and how the run was made.
func environment(m *results.Manifest) [][2]string {
	if len(m.Machines) > 0 {
		var facts [][2]string
		for _, machine := range m.Machines {
			facts = append(facts, [2]string{machine.Name, machine.Environment.String()})
		}
		return facts
	}
	var facts [][2]string
	for _, fact := range m.Environment.Facts() {
		facts = append(facts, [2]string{fact.Name, fact.Text})
	}
	facts = append(facts,
		[2]string{"label", m.Label},
		[2]string{"fanin-bench", m.Version},
		[2]string{"isolation", m.Isolation},
		[2]string{"seed", fmt.Sprint(m.Seed)},
		[2]string{"started", m.Started.UTC().Format("2006-01-02 15:04 UTC")})
	return slices.DeleteFunc(facts, func(f [2]string) bool { return f[1] == "" })
}
