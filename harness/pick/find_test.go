package pick

import (
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Strategies are chosen by name and by group, in the order of the registry; what
// cannot be built is refused by name and passed over in groups.
func TestSelect(t *testing.T) {
	lacksPark := map[strategies.Promise]string{strategies.PromisePark: "it spins"}
	var known []strategies.Strategy
	for _, d := range []strategies.Descriptor{
		{Name: "floor", Floor: true},
		{Name: "heap", Batch: true},
		{Name: "ring", Bound: strategies.Total},
		{Name: "their-heap", Module: "example.org/heap@v1.0.0"},
		{Name: "their-ring", Module: "example.org/ring@v1.0.0", Bound: strategies.Total, Lacks: lacksPark},
		{Name: "their-sieve", Module: "example.org/sieve@v1.0.0", Bound: strategies.Total, Lossy: true},
		{Name: "relic", Module: "example.org/relic@v1.0.0", Unbuildable: "it does not link"},
	} {
		known = append(known, strategies.Strategy{Descriptor: d, Word: strategies.NewChan[strategies.Word]})
	}
	for names, want := range map[string]string{
		"":               "floor heap ring",
		"ours":           "floor heap ring",
		"ring,heap":      "floor heap ring",
		"peers":          "floor their-heap their-ring their-sieve",
		"bounded":        "floor ring their-ring",
		"unbounded":      "floor heap their-heap",
		"parking":        "floor heap ring their-heap their-sieve",
		"batching":       "floor heap",
		"all":            "floor heap ring their-heap their-ring their-sieve",
		"their-ring,all": "floor heap ring their-heap their-ring their-sieve",
		"batching,ring":  "floor heap ring",
		"-heap":          "floor ring",
		"all,-peers":     "floor heap ring",
		"all,-ours,heap": "floor heap their-heap their-ring their-sieve",
		"-gone?":         "floor heap ring",
	} {
		chosen, err := Select(slices.DeleteFunc(strings.Split(names, ","), func(s string) bool { return s == "" }), known)
		var got []string
		for _, s := range chosen {
			got = append(got, s.Name)
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q chose %q, error %v; want %q", names, got, err, want)
		}
	}
	if chosen, err := Select([]string{"peers"}, known[1:2]); err == nil {
		t.Errorf("peers chose %v where there is none", chosen)
	}
	for name, want := range map[string]string{
		"relic": `strategy "relic" cannot be built: it does not link`,
		"rink":  `unknown strategy "rink" (did you mean "ring"?`,
		"-rink": `unknown strategy "rink" (did you mean "ring"?`,
	} {
		if _, err := Select([]string{"all", name}, known); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("choosing %q: error %v; want %q", name, err, want)
		}
	}
}

// The floor of a program comes with that program's strategies, by name and by group, and
// with no others.
func TestSelectFloorOfProgram(t *testing.T) {
	ours := func(d strategies.Descriptor) strategies.Strategy {
		return strategies.Strategy{Descriptor: d, Word: strategies.NewChan[strategies.Word]}
	}
	theirs := func(d strategies.Descriptor) strategies.Strategy {
		d.Module = "example.org/program"
		return strategies.Strategy{Descriptor: d}
	}
	known := []strategies.Strategy{
		ours(strategies.Descriptor{Name: "floor", Floor: true}), ours(strategies.Descriptor{Name: "heap"}),
		theirs(strategies.Descriptor{Name: "their-floor", Floor: true, Bound: strategies.Total}), theirs(strategies.Descriptor{Name: "their-heap"}),
	}
	for names, want := range map[string]string{
		"ours": "floor heap", "heap": "floor heap", "their-heap": "their-floor their-heap", "heap,their-heap": "floor heap their-floor their-heap",
		"unbounded": "floor heap their-floor their-heap",
	} {
		chosen, err := Select(strings.Split(names, ","), known)
		var got []string
		for _, s := range chosen {
			got = append(got, s.Name)
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q chose %q, error %v; want %q", names, got, err, want)
		}
	}
}

// A name of a group is no strategy's.
func TestGroupsAreNoStrategies(t *testing.T) {
	for _, g := range Groups() {
		if s, err := Find(strategies.All(), g.Name); err == nil {
			t.Errorf("%q is a group and the strategy %q", g.Name, s.Doc)
		}
	}
}
