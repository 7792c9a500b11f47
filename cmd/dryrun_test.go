package cmd

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// A dry run says what --quick and --shard leave out of the plan.
func TestDryRunCuts(t *testing.T) {
	plan := []string{"run", "--dry-run", "--scenario", "sweep", "--strategies", "chan,lanes", "--seed", "1"}
	_, whole, _ := invoke(t, append(plan, "--json")...)
	_, quick, _ := invoke(t, append(plan, "--quick", "--json")...)
	_, shard, _ := invoke(t, append(plan, "--shard", "1/2", "--json")...)
	var all, short, part dryRun
	for text, into := range map[string]*dryRun{whole: &all, quick: &short, shard: &part} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatalf("%v in %q", err, text)
		}
	}
	if len(all.Cuts) > 0 {
		t.Errorf("the whole plan leaves out %v", all.Cuts)
	}
	for name, d := range map[string]dryRun{"--quick": short, "--shard 1/2": part} {
		want := cut{By: name, Cells: len(all.Cells) - len(d.Cells), Of: len(all.Cells), Reps: all.Reps - d.Reps}
		if len(d.Cuts) != 1 || want.Cells == 0 {
			t.Fatalf("%s: %d of %d cells are left, cuts %v", name, len(d.Cells), len(all.Cells), d.Cuts)
		}
		got := d.Cuts[0]
		if got.By != want.By || got.Cells != want.Cells || got.Of != want.Of || got.Reps != want.Reps || len(got.Gone) == 0 {
			t.Errorf("%s: cut %+v; want %+v and some values", name, got, want)
		}
		for _, gone := range got.Gone {
			name, values, _ := strings.Cut(gone, " ")
			if name != "producers" || slices.ContainsFunc(d.Cells, func(c dryCell) bool {
				return slices.Contains(strings.Split(values, ","), strings.TrimPrefix(strings.Fields(c.String())[1], "producers="))
			}) {
				t.Errorf("%s: %q is said to be left out of %d cells", got.By, gone, len(d.Cells))
			}
		}
	}
	_, text, _ := invoke(t, append(plan, "--shard", "1/2")...)
	if !strings.Contains(text, "# "+part.Cuts[0].String()+"\n") {
		t.Errorf("no %q in:\n%s", part.Cuts[0], text)
	}
}
