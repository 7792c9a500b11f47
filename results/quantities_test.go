package results_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/compare"
	"github.com/fanin-bench/fanin-bench/results/history"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// collections is what CONTRIBUTING calls a new quantity: its declaration and nothing else.
var collections = &results.Quantity{
	Name: "collections_per_msg", Title: "collections per message", Unit: units.Ratios,
	About: func(c results.Cell) bool { return c.Kind == "" },
	Of: func(t *results.Trial) (float64, bool) {
		if t.Measurement == nil || t.Measurement.GCs == nil {
			return 0, false
		}
		return float64(*t.Measurement.GCs) / float64(t.Measurement.Delivered), true
	},
	Quoted: results.AsSpread, Bench: "collections/op", Compared: results.Cell.IsClosed, Followed: true,
}

// A quantity is declared once and seen everywhere.
func TestNewQuantity(t *testing.T) {
	defer results.AddQuantity(collections)()
	run := func(collected int64) *results.Run {
		run := resultstest.Run(resultstest.Config{Strategies: 2, Producers: []int{4}, Reps: 6, Samples: 20, Seed: uint64(collected)})
		for i := range run.Trials {
			m := run.Trials[i].Measurement
			m.GCs = new(collected * m.Delivered)
		}
		return run
	}
	base, next := run(2), run(3)
	summary := results.Summarize(next)
	if got := summary.Cells[0].Interval(collections); got == nil || got.Median != 3 || *got.Lo != 3 {
		t.Errorf("summarised as %+v", got)
	}
	var sheet bytes.Buffer
	if err := results.WriteCSV(&sheet, summary); err != nil {
		t.Fatal(err)
	}
	file, err := json.Marshal(summary)
	if err != nil {
		t.Fatal(err)
	}
	diff, err := compare.Runs(base, next, results.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := diff.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for name, seen := range map[string]struct{ in, want string }{
		"summary.json": {string(file), `"collections_per_msg":{"median":3,"lo":3,"hi":3}`},
		"summary.csv":  {sheet.String(), ",collections_per_msg_median,collections_per_msg_lo,collections_per_msg_hi,warnings\n"},
		"its values":   {sheet.String(), ",3,3,3,"},
		"bench.txt":    {string(export(t, next, "benchfmt", results.Choice{})), " 3 collections/op"},
		"compare":      {text.String(), "collections per message (lower is better)"},
		"the change":   {text.String(), "+50.0 % worse"},
	} {
		if !strings.Contains(seen.in, seen.want) {
			t.Errorf("%s lacks %q:\n%s", name, seen.want, seen.in)
		}
	}
	past, err := history.New([]*results.Run{base, next}, results.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(past.Metrics, func(m history.MetricHistory) bool { return m.Name == "collections_per_msg" })
	if i < 0 || past.Metrics[i].Title() != "Collections per message" || past.Metrics[i].Cells[0].Points[1].Median != 3 {
		t.Errorf("followed as %+v", past.Metrics)
	}
}

// What stands in the table is complete, and named once.
func TestQuantities(t *testing.T) {
	names := map[string]bool{}
	for _, q := range results.Quantities() {
		switch {
		case names[q.Name]:
			t.Errorf("%s is there twice", q.Name)
		case q.Title == "" || q.Unit.Text == nil || q.Unit.Short == nil || q.Unit.Scale == 0:
			t.Errorf("%s has no title, or no unit: %+v", q.Name, q)
		case q.Of == nil && q.Times == nil && !slices.Contains(results.Speedups(), q) && q != results.TimesFloor:
			t.Errorf("%s comes out of no trial", q.Name)
		case (q.Gates || q.Followed) && q.Compared == nil:
			t.Errorf("%s is of no cells that are compared", q.Name)
		case q.Bench != "" && q.Of == nil:
			t.Errorf("%s is in bench.txt and has no value of a trial", q.Name)
		}
		names[q.Name] = true
	}
}

// A trial that has less than nothing of a quantity is refused, though its field has no
// bounds of its own.
func TestRefusesNegativeQuantities(t *testing.T) {
	defer results.AddQuantity(collections)()
	run := small()
	run.Trials[0].Measurement.GCs = new(int64(-1))
	resultstest.WantError(t, run.Store(t.TempDir()), "is outside 0..")
}

// What becomes of messages between processes is in the file, the sheet and the comparison of
// runs where a program reports it, and nowhere else.
func TestCountsBetweenProcesses(t *testing.T) {
	config := resultstest.Config{Strategies: 7, Producers: []int{4}, Reps: 6, Samples: -1, Describe: resultstest.Beyond, Processes: []int{2}}
	base, next := resultstest.Run(config), resultstest.Run(config)
	for i := range next.Trials {
		if m := next.Trials[i].Measurement; m.Duplicated != nil {
			*m.Duplicated = 60
		}
	}
	summary := results.Summarize(next)
	var sheet, page, text bytes.Buffer
	file, err := json.Marshal(summary)
	if err != nil {
		t.Fatal(err)
	}
	diff, err := compare.Runs(base, next, results.Choice{})
	for _, err := range []error{err, results.WriteCSV(&sheet, summary), results.WriteMarkdown(&page, next, summary), diff.WriteText(&text)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Count(string(file), `"duplicated":360,"late":6,"confirmed":12000000`); got != 1 {
		t.Errorf("%d cells of summary.json have the counts; want that of remote-shm:\n%s", got, file)
	}
	for name, seen := range map[string]struct{ in, want string }{
		"summary.csv": {sheet.String(), ",rejected,duplicated,late,confirmed,"},
		"its values":  {sheet.String(), ",0,0,360,6,12000000,"},
		"summary.md":  {page.String(), "| remote-shm | at least once | producer, consumer |"},
		"the socket":  {page.String(), "| remote-unix | at most once | nobody |"},
		"compare":     {text.String(), "messages duplicated (lower is better)"},
		"the change":  {text.String(), "20.0× worse"},
	} {
		if !strings.Contains(seen.in, seen.want) {
			t.Errorf("%s lacks %q:\n%s", name, seen.want, seen.in)
		}
	}
}
