package scenario

import (
	"slices"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// A quick run has fewer neighbours and one kind of them, unless the user says which.
func TestQuickNeighbours(t *testing.T) {
	for _, name := range []string{"busy", "busy-latency"} {
		s, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		quick, err := quickened(s)
		if err != nil {
			t.Fatal(err)
		}
		plan := planned(t, quick)
		var counts []int
		for _, c := range plan.Cells {
			counts = append(counts, c.Busy)
			if c.BusyKind != "" {
				t.Errorf("%s: cell %s; want one kind", name, c)
			}
		}
		slices.Sort(counts)
		if counts = slices.Compact(counts); !slices.Equal(counts, []int{0, 2, 8}) || plan.Expected() > 13*time.Second {
			t.Errorf("%s: neighbours %v in %v; want 0, 2 and 8 within 13s", name, counts, plan.Expected())
		}
		given := func(key string) bool { return key == "busy" || key == "busy-kind" }
		if quick, err = s.Quick(strategies.All(), given); err != nil || !slices.Equal(quick.Values["busy"], s.Values["busy"]) ||
			!slices.Equal(quick.Values["busy-kind"], s.Values["busy-kind"]) {
			t.Errorf("%s: neighbours %v, %v, error %v; want those that were given", name, quick.Values["busy"], quick.Values["busy-kind"], err)
		}
	}
}

// Variants are thinned out where they are the steps of a load, and only there.
func TestQuickSteps(t *testing.T) {
	for text, want := range map[string]int{
		`{load: {producers: 1, rate: 1k}}, {load: {producers: 2, rate: 2k}}, {load: {producers: 4, rate: 4k}}`:            2,
		`{load: {producers: 1, rate: 1k}}, {load: {producers: 2, rate: 2k}}, {load: {producers: 4, rate: 4k, zipf: [1]}}`: 3,
		`{load: {producers: 1}}, {load: {producers: 2}}`:                                                                  2,
	} {
		s, err := Parse("f", []byte("load: {arrival: constant}\nvariants: ["+text+"]\n"))
		if err != nil {
			t.Fatal(err)
		}
		for s.thinSteps(2) {
		}
		if got := len(s.Variants); got != want {
			t.Errorf("%s: %d variants; want %d", text, got, want)
		}
	}
}
