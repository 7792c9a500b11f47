package flagvalue

import (
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
)

func TestItems(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]uint64{"1": 1, "200k": 200_000, "1e9": 1e9, "1G": 1e9, "1.5M": 1_500_000, "1 G": 1e9} {
		if got, err := parseItems(text); got != want || err != nil {
			t.Errorf("parseItems(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"0", "-1", "1.5", "2P", "many", "1Gi", ""} {
		if err := Items(new(uint64)).Set(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

// A flag of any kind keeps what it was given, writes it as help shows it, and refuses the
// rest without a change.
func TestKinds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		flag            pflag.Value
		good, want, bad string
		why             string // part of what is said of the bad value
	}{
		"count":    {Count(new(int), units.Limit{Least: 1, Most: 70_000}), "64k", "64000", "0", "0 is not in 1..70000"},
		"time":     {Time(new(time.Duration), units.Limit{Most: int64(time.Hour)}), "50ms", "50ms", "2h", "2h is not in 0.."},
		"duration": {Duration(new(scenario.Duration), "duration"), "1s", "1s", "soon", `"soon" is not a duration such as 50ms`},
		"size":     {Size(new(scenario.Size)), "64KiB", "64 KiB", "lots", `"lots" is not a size such as 512MiB or 64k`},
		"seed":     {Seed(new(uint64)), "7", "7", "-1", "-1"},
		"items":    {Items(new(uint64)), "1M", "1000000", "none", "none"},
		"ints":     {Ints(new(scenario.Ints), "producers"), "1..4", "1,2,4", "0", "0 is not in 1..1000000"},
		"names":    {Names(new(scenario.Strings)), "chan,lanes", "chan,lanes", "", "empty"},
	} {
		if got := test.flag.String(); got != "" {
			t.Errorf("%s: %q where nothing was given", name, got)
		}
		if err := test.flag.Set(test.good); err != nil || test.flag.String() != test.want {
			t.Errorf("%s: %q, error %v; want %q", name, test.flag, err, test.want)
		}
		if err := test.flag.Set(test.bad); err == nil || !strings.Contains(err.Error(), test.why) || test.flag.String() != test.want {
			t.Errorf("%s: %q after error %v; want %q still, and %q", name, test.flag, err, test.want, test.why)
		}
		if test.flag.Type() == "" {
			t.Errorf("%s has no type", name)
		}
	}
}

// Names that are given again add up, and numbers replace what was there; the default of a
// list is not added to.
func TestAgain(t *testing.T) {
	t.Parallel()
	names, none, ints := scenario.Strings{"null"}, scenario.Strings{"chan"}, scenario.Ints{9}
	flags := map[string]pflag.Value{"chan,lanes": Names(&names), "": NamesOrNone(&none), "4": Ints(&ints, "producers")}
	for want, given := range map[string][]string{"chan,lanes": {"chan", "lanes"}, "": {""}, "4": {"1,2", "4"}} {
		for _, text := range given {
			if err := flags[want].Set(text); err != nil {
				t.Fatal(err)
			}
		}
		if got := flags[want].String(); got != want {
			t.Errorf("%q given: %q; want %q", given, got, want)
		}
	}
}

// A parameter's flag puts the values of a scenario: words add up, numbers do not.
func TestParameter(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		given []string
		kind  string
		want  int // values
	}{
		"policy":  {[]string{"block", "fail,drop-oldest"}, "names", 3},
		"payload": {[]string{"8,64", "1k"}, "numbers", 1},
		"stall":   {[]string{"50ms/500ms"}, "stall", 1},
	} {
		values := scenario.Values{}
		for _, p := range results.Declared() {
			if p.Name != name {
				continue
			}
			flag := Parameter(p, &values)
			for _, text := range test.given {
				if err := flag.Set(text); err != nil {
					t.Fatal(err)
				}
			}
			if err := flag.Set(""); err == nil {
				t.Errorf("%s takes nothing for a value", name)
			}
			if flag.Type() != test.kind {
				t.Errorf("%s is of type %q; want %q", name, flag.Type(), test.kind)
			}
		}
		if len(values[name]) != test.want {
			t.Errorf("%s: %v; want %d values", name, values[name], test.want)
		}
	}
}
