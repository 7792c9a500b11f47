package question_test

import (
	"slices"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/question"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// Every cell that the default run has is asked about by a question with a head, and a
// closed loop by one of them only: it is not counted twice.
func TestQuestionsDivideTheCells(t *testing.T) {
	t.Parallel()
	closed := results.Cell{Arrival: results.ArrivalClosed, Producers: 16, Payload: results.MinPayload, RecvBatch: 256}
	with := func(change func(*results.Cell)) results.Cell {
		c := closed
		change(&c)
		return c
	}
	for want, c := range map[string]results.Cell{
		"goodput":        closed,
		"busy":           with(func(c *results.Cell) { c.Busy = 2 }),
		"single":         with(func(c *results.Cell) { c.RecvBatch = 1 }),
		"payload":        with(func(c *results.Cell) { c.Payload = 1024 }),
		"response tail":  with(func(c *results.Cell) { c.Arrival, c.Rate = results.ArrivalPoisson, 1e5 }),
		"kept idle wake": with(func(c *results.Cell) { c.Kind = results.KindProbe }),
		"":               with(func(c *results.Cell) { c.Arrival, c.Kind = results.ArrivalPoisson, results.KindSearch }),
	} {
		got := ""
		for _, q := range question.All() {
			if q.Head != "" && q.About(c) {
				if got != "" {
					got += " "
				}
				got += q.ID
			}
		}
		if got != want {
			t.Errorf("%s is asked about by %q, want %q", c, got, want)
		}
	}
}

func TestIDsAreUnique(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, q := range question.All() {
		if ids = append(ids, q.ID); q.Title == "" || q.Note == "" || q.Of == nil || q.Next == "" {
			t.Errorf("%+v lacks words", q)
		}
	}
	if slices.Sort(ids); len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Errorf("questions %q", ids)
	}
}

// More is better of a throughput and less of a time, and a ratio above 1 is better of
// either. The baseline is itself, what failed has no ratio.
func TestEntries(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{
		Strategies: 5, Producers: []int{1, 4, 16, 64}, Reps: 6, Samples: 1500, Loads: []float64{0.3, 1.05}, Closed: true, Probe: true,
		Fails: func(x resultstest.Trial) bool { return x.Strategy == "lanes" && x.Producers == 4 },
	})
	summary := results.Summarize(run)
	columns := question.Columns(summary, run.Manifest.Baseline())
	seen := map[question.Outcome]int{}
	perQuestion := map[string]int{}
	for i := range columns {
		column := &columns[i]
		if perQuestion[column.ID]++; perQuestion[column.ID] > 3 {
			t.Errorf("%s has %d columns", column.ID, perQuestion[column.ID])
		}
		for j := range summary.Cells {
			c := &summary.Cells[j]
			if !column.About(c.Cell) || !column.Has(c.Cell) {
				continue
			}
			e := column.Entry(&run.Manifest, c)
			seen[e.Outcome]++
			check(t, run, summary, column, c, e)
		}
	}
	if e := columns[0].Entry(&run.Manifest, nil); e.Outcome != question.Absent {
		t.Errorf("no cell gives %+v", e)
	}
	for _, outcome := range []question.Outcome{question.Apart, question.Tied, question.Itself, question.Failed, question.Missed} {
		if seen[outcome] == 0 {
			t.Errorf("no entry has outcome %d: %v", outcome, seen)
		}
	}
}

// check compares an entry with the medians of the cell and its baseline.
func check(t *testing.T, run *results.Run, summary *results.Summary, column *question.Column, c *results.CellSummary, e question.Entry) {
	t.Helper()
	if (c.Strategy == column.Baseline) != (e.Outcome == question.Itself) && e.Outcome != question.Missed {
		t.Errorf("%s, %s: %+v", column.ID, c.Cell, e)
	}
	if (e.Times != nil) != (e.Outcome == question.Apart || e.Outcome == question.Tied) {
		t.Errorf("%s, %s: outcome %d with ratio %v", column.ID, c.Cell, e.Outcome, e.Times)
	}
	if e.Outcome != question.Apart {
		return
	}
	base, _ := run.Manifest.Under(c.Cell, column.Baseline)
	at := slices.IndexFunc(summary.Cells, func(s results.CellSummary) bool { return s.Cell == base })
	mine, its := *stat.Median(column.Sample(c).Values()), *stat.Median(column.Sample(&summary.Cells[at]).Values())
	if better := (mine > its) == column.Of.HigherIsBetter; better != (e.Times.Median > 1) {
		t.Errorf("%s, %s: %v times as good, with %v against %v", column.ID, c.Cell, e.Times.Median, mine, its)
	}
}

// Ratios of what is near the harness floor are marked as bounds.
func TestEntryMarks(t *testing.T) {
	t.Parallel()
	for slow, want := range map[float64]string{1: "2", 3: "≥ 2"} {
		run := resultstest.Run(resultstest.Config{Producers: []int{1}, Samples: -1, Slow: map[string]float64{"null": slow}})
		summary := results.Summarize(run)
		columns := question.Columns(summary, run.Manifest.Baseline())
		i := slices.IndexFunc(columns, func(c question.Column) bool { return c.ID == "goodput" })
		if i < 0 {
			t.Fatal("no column of throughput")
		}
		cell := resultstest.Pick(t, summary, func(c results.Cell) bool { return c.Strategy == "mutex-swap" && columns[i].Has(c) })
		if got := columns[i].Entry(&run.Manifest, cell).Mark("2"); got != want {
			t.Errorf("null slower by %v: %q, want %q", slow, got, want)
		}
		if got := columns[i].Entry(&run.Manifest, nil).Mark("2"); got != "2" {
			t.Errorf("a missing cell: %q", got)
		}
	}
}
