package scenario

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// The shards of a plan have each of its cells exactly once, are about equal, and
// none tears apart what is compared.
func TestShard(t *testing.T) {
	scenario, err := Load(Plain)
	if err != nil {
		t.Fatal(err)
	}
	scenario.put("arrival", results.ArrivalClosed, results.ArrivalPoisson).put("load", 0.5, 0.9)
	plan, err := NewPlan(scenario.WithDefaults(), strategies.All(), 3)
	if err != nil {
		t.Fatal(err)
	}
	var all []results.Cell
	place := map[int]string{} // which shard has a number of producers
	var sizes []int
	for _, text := range []string{"1/3", "2/3", "3/3"} {
		part, err := plan.Shard(text)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := plan.Shard(text); !slices.Equal(again.Cells, part.Cells) || part.Reps != plan.Reps {
			t.Errorf("%s is another part the second time", text)
		}
		sizes = append(sizes, len(part.Cells))
		for _, cell := range part.Cells {
			all = append(all, cell)
			if was := place[cell.Producers]; cell.Kind != results.KindProbe && was != "" && was != text && cell.IsClosed() {
				t.Errorf("%s is in %s, others of its producers in %s", cell, text, was)
			}
			if cell.IsClosed() {
				place[cell.Producers] = text
			}
			if cell.Load > 0 && !slices.Contains(part.Cells, SearchFor(cell)) {
				t.Errorf("%s has %s but not its search", text, cell)
			}
		}
	}
	missing := slices.ContainsFunc(plan.Cells, func(c results.Cell) bool { return !slices.Contains(all, c) })
	if len(all) != len(plan.Cells) || missing {
		t.Errorf("the shards have %d cells of %d, missing: %v", len(all), len(plan.Cells), missing)
	}
	if slices.Max(sizes) > 2*slices.Min(sizes) {
		t.Errorf("sizes %v", sizes)
	}
}

// The search of the baseline is in the shard of all loads that are shares of its rate.
func TestShardOfBaselineLoads(t *testing.T) {
	scenario, err := Load(Default)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := NewPlan(scenario, strategies.All(), 3)
	if err != nil {
		t.Fatal(err)
	}
	loads, searches := 0, 0
	for _, text := range []string{"1/3", "2/3", "3/3"} {
		part, err := plan.Shard(text)
		if err != nil {
			t.Fatal(err)
		}
		search := slices.ContainsFunc(part.Cells, func(c results.Cell) bool { return c.Kind == results.KindSearch })
		for _, c := range part.Cells {
			if c.Kind == results.KindSearch {
				searches++
			}
			if c.LoadOf != results.LoadOfBaseline {
				continue
			}
			if loads++; !search {
				t.Errorf("%s has %s but not the search", text, c)
			}
		}
	}
	if loads < 20 || searches != 1 {
		t.Errorf("%d loads and %d searches", loads, searches)
	}
}

func TestShardErrors(t *testing.T) {
	plan := Plan{Cells: []results.Cell{{Strategy: "chan", Producers: 1}, {Strategy: "lanes", Producers: 1}, {Strategy: "chan", Producers: 2}}, Reps: 1}
	for text, want := range map[string]string{
		"": "is not a part such as", "2": "is not a part", "0/2": "is not a part", "3/2": "is not a part", "a/b": "is not a part",
		"1/2/3": "is not a part", "-1/2": "is not a part", "1/3": "can be divided into 2 parts at most",
	} {
		_, err := plan.Shard(text)
		var field *results.FieldError
		if !errors.As(err, &field) || field.Field != "shard" || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
