package cmd

import (
	"reflect"
	"slices"
	"testing"

	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/harness/scenario"
)

// Every key of a scenario file has its flag, which overrides it and nothing else
// has; the rest are flags of the verb.
func TestFlagsAreKeys(t *testing.T) {
	keys := scenario.Keys()
	if sorted := slices.Sorted(slices.Values(keys)); len(slices.Compact(sorted)) != len(keys) {
		t.Fatalf("a key is in two sections: %v", keys)
	}
	var flags []string
	f := &runFlags{scenario: scenario.Default}
	set := pflag.NewFlagSet("run", pflag.ContinueOnError)
	f.register(set)
	set.VisitAll(func(flag *pflag.Flag) { flags = append(flags, flag.Name) })
	verb := []string{
		"against", "dry-run", "force-resume", "isolation", "json", "label", "out", "program", "quick", "quiet", "resume", "retry-failed",
		"scenario", "seed", "shard", "verbose",
	}
	if want := slices.Sorted(slices.Values(slices.Concat(keys, verb))); !slices.Equal(flags, want) {
		t.Errorf("flags %v; want %v", flags, want)
	}
	before, err := f.resolve(set.Changed)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if err := set.Set(key, sample(set.Lookup(key))); err != nil {
			t.Fatal(err)
		}
		after, err := f.resolve(func(name string) bool { return name == key })
		if err != nil || reflect.DeepEqual(before, after) {
			t.Errorf("--%s changes nothing of the scenario; error %v", key, err)
		}
	}
}

// sample is a value for a flag that no built-in scenario has.
func sample(flag *pflag.Flag) string {
	switch flag.Value.Type() {
	case "bool":
		return "true"
	case "time", "durations":
		return "123ms"
	case "pause":
		return "12ms/345"
	case "stall":
		return "12ms/345ms"
	case "names":
		return "something"
	default:
		return "17"
	}
}
