package cmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/parameter"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// A parameter that is declared is a flag with help, a key of scenario files and of their
// schema, multiplied out into cells, checked, and named in labels.
func TestDeclaredParameterIsEverywhere(t *testing.T) {
	axis := &parameter.Axis{Question: "What do crowds cost?", Label: "crowd"}
	results.WithParameter(results.Parameter{
		Name: "crowd", Section: "load", Kind: parameter.Count, List: true, Usage: "`counts` of a crowd", One: "`count` of a crowd", Axis: axis,
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
