package scenario

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// A variant may have fewer repetitions: its cells are spread over the blocks of the others, and
// a cell of two variants has the more.
func TestFewerRepetitions(t *testing.T) {
	s, err := Parse("f", []byte(`
name: a
queue: {strategies: [chan, lanes]}
run: {reps: 6}
variants:
- load: {producers: [1, 2]}
  run: {reps: 12}
- load: {producers: [2, 4, 8]}
- load: {producers: 16}
  run: {reps: 1}
`))
	if err != nil {
		t.Fatal(err)
	}
	plan := planned(t, s)
	got := map[int][]int{} // blocks of a strategy by producers
	for _, slot := range plan.Slots() {
		if slot.Cell.Strategy == "lanes" {
			got[slot.Cell.Producers] = append(got[slot.Cell.Producers], slot.Block)
		}
	}
	all, half := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, []int{1, 3, 5, 7, 9, 11}
	want := map[int][]int{1: all, 2: all, 4: half, 8: half, 16: {11}}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("the blocks of each number of producers are %v; want %v", got, want)
	}
	strategies := len(plan.Cells) / len(want)
	if n := len(plan.Slots()); n != plan.Trials() || n != strategies*(12+12+6+6+1) {
		t.Errorf("%d slots of %d trials", n, plan.Trials())
	}
	if text := plan.Describe(); !strings.Contains(text, "1 to 12 repetitions each") {
		t.Error(text)
	}
	whole, parts := plan.Slots(), 0
	for _, text := range []string{"1/2", "2/2"} {
		part, err := plan.Shard(text)
		if err != nil {
			t.Fatal(err)
		}
		parts += len(part.Slots())
	}
	if parts != len(whole) {
		t.Errorf("the shards have %d trials of %d", parts, len(whole))
	}
	s.Override(Scenario{RunSection: RunSection{Reps: 3}}, func(key string) bool { return key == "reps" })
	if plan = planned(t, s); plan.Reps != 3 || len(plan.Fewer) > 0 {
		t.Errorf("%d repetitions, fewer of %v; want 3 of each cell", plan.Reps, plan.Fewer)
	}
}
