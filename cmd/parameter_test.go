package cmd

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/plots"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/parameter"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// A parameter that is declared is a flag with help, a key of scenario files and of their
// schema, multiplied out into cells, checked, and named in labels.
func TestDeclaredParameterIsEverywhere(t *testing.T) {
	results.WithParameter(results.Parameter{
		Name: "crowd", Section: "load", Kind: parameter.Count, List: true, Usage: "`counts` of a crowd", One: "`count` of a crowd",
		Fields: func(c *results.Cell) []any { return []any{&c.PauseEvery} }, Limits: []parameter.Limit{{Least: 0, Most: 9}},
		Check: func(c results.Cell) error {
			if c.PauseEvery == 8 {
				return results.FieldErrorf("crowd", "8 is odd")
			}
			return nil
		},
		Concerns: func(c results.Cell, _ parameter.Traits) bool { return c.IsClosed() },
	}, func() {
		f := &runFlags{scenario: scenario.Default}
		set := pflag.NewFlagSet("run", pflag.ContinueOnError)
		f.register(set)
		if flag := set.Lookup("crowd"); flag == nil || flag.Usage != "`counts` of a crowd" {
			t.Fatalf("flag %+v", flag)
		}
		if err := set.Set("crowd", "10"); err == nil || !strings.Contains(err.Error(), "10 is not in 0..9") {
			t.Errorf("error %v of a value out of its limit", err)
		}
		asked := &recommendFlags{}
		recommend := pflag.NewFlagSet("recommend", pflag.ContinueOnError)
		asked.register(recommend)
		if flag := recommend.Lookup("crowd"); flag == nil || flag.Usage != "`count` of a crowd" {
			t.Fatalf("flag %+v of recommend", flag)
		}
		if err := recommend.Set("crowd", "3"); err != nil || asked.needs.PauseEvery != 3 {
			t.Errorf("asked for %d, %v", asked.needs.PauseEvery, err)
		}
		if err := recommend.Set("crowd", "3,4"); err == nil {
			t.Error("two values are asked for at once")
		}
		s, err := scenario.Parse("f", []byte("name: a\nload: {producers: 1, crowd: [2, 4]}\nqueue: {strategies: chan}\nrun: {messages: 9}"))
		if err != nil {
			t.Fatal(err)
		}
		schema := scenario.JSONSchema(func(key string) string { return key })
		load := schema["properties"].(scenario.Schema)["load"].(scenario.Schema)["properties"].(scenario.Schema)
		if _, has := load["crowd"]; !has {
			t.Errorf("schema of load %v", load)
		}
		checkCrowd(t, s)
	})
}

func checkCrowd(t *testing.T, s scenario.Scenario) {
	t.Helper()
	// A pause of nobody's is what the declaration of pause refuses, so cells are looked at
	// before they are checked.
	values := s.Values["crowd"]
	if want := []results.Cell{{PauseEvery: 2}, {PauseEvery: 4}}; !slices.Equal(values, want) {
		t.Fatalf("values %v; want %v", values, want)
	}
	s.Values.Put("pause", []results.Cell{{PauseNs: 1, PauseEvery: 1}})
	plan, err := scenario.NewPlan(s, strategies.All(), 1)
	if err != nil || len(plan.Cells) != 2 || plan.Cells[0].PauseEvery != 2 || plan.Cells[1].PauseEvery != 4 {
		t.Fatalf("cells %v, error %v; want one with each value", plan.Cells, err)
	}
	if label := plan.Cells[1].Label(results.Varying(plan.Cells), " "); !strings.Contains(label, "crowd=4") {
		t.Errorf("label %q", label)
	}
	odd := plan.Cells[0]
	odd.PauseEvery = 8
	if err := scenario.CheckCell(odd); err == nil || !strings.HasPrefix(err.Error(), "crowd: 8 is odd") {
		t.Errorf("error %v of a child's cell", err)
	}
	manifest := results.Manifest{Reps: 1, Cells: []results.Cell{odd}, Strategies: []results.Strategy{{Name: "chan"}}}
	if _, err := results.Create(t.TempDir(), manifest); err == nil || !strings.Contains(err.Error(), "crowd: 8 is odd") {
		t.Errorf("error %v of a cell in a file", err)
	}
}

// A parameter with an axis is what a figure goes along, under its question, and its field
// is a column of summary.csv.
func TestDeclaredAxisIsDrawn(t *testing.T) {
	crowds := []string{"100", "200", "400"}
	run := resultstest.Run(resultstest.Config{Strategies: 2, Producers: []int{4}, Reps: 1, Samples: -1})
	var cells []results.Cell
	var trials []results.Trial
	for _, crowd := range []int64{100, 200, 400} {
		for _, trial := range run.Trials {
			trial.Cell.Messages = crowd
			cells, trials = append(cells, trial.Cell), append(trials, trial)
		}
	}
	run.Manifest.Cells, run.Trials = cells, trials
	draw := func() (*results.Summary, []plots.Picture) {
		summary := results.Summarize(run)
		figures := slices.DeleteFunc(plots.Figures(), func(f plots.Figure) bool { return f.Name != "sweep" })
		pictures, err := plots.Draw(&run.Manifest, summary, figures)
		if err != nil {
			t.Fatal(err)
		}
		return summary, pictures.All
	}
	if _, pictures := draw(); len(pictures) > 0 {
		t.Fatalf("%d figures along what is no parameter", len(pictures))
	}
	results.WithParameter(results.Parameter{
		Name: "crowd", Kind: parameter.Count, List: true, Axis: &parameter.Axis{Question: "What do crowds cost?", Label: "people"},
		Fields: func(c *results.Cell) []any { return []any{&c.Messages} }, Limits: []parameter.Limit{{Least: 0, Most: 1000}},
	}, func() {
		summary, pictures := draw()
		if len(pictures) != 1 || pictures[0].Question != "What do crowds cost?" || !strings.HasPrefix(pictures[0].Name, "sweep_crowd") {
			t.Fatalf("figures %+v; want one of the crowds", pictures)
		}
		for _, cell := range summary.Cells {
			if !pictures[0].Shows(cell.Cell) {
				t.Errorf("the figure does not show %s", cell.Cell)
			}
		}
		if got := slices.Compact(slices.Sorted(slices.Values(columnOf(t, summary, "messages")))); !slices.Equal(got, crowds) {
			t.Errorf("column of %q; want %q", got, crowds)
		}
	})
}

// columnOf returns what a column of summary.csv holds.
func columnOf(t *testing.T, summary *results.Summary, name string) (values []string) {
	t.Helper()
	var sheet bytes.Buffer
	if err := results.WriteCSV(&sheet, summary); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&sheet).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(rows[0], name)
	if at < 0 {
		t.Fatalf("no column %q in %q", name, rows[0])
	}
	for _, row := range rows[1:] {
		values = append(values, row[at])
	}
	return values
}
