package flagvalue

import (
	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/parameter"
)

// values reads what a scenario gives for a parameter. Words add up to those that were
// given before, as names do everywhere; what else is given again replaces what was there.
type values struct {
	parameter results.Parameter
	to        *scenario.Values
	given     bool
}

// Parameter reads the values of a parameter.
func Parameter(p results.Parameter, to *scenario.Values) pflag.Value {
	return &values{parameter: p, to: to}
}

// Type names what pflag's help would show without a noun in the usage.
func (f *values) Type() string { return f.parameter.Name }

// String writes the word that stands for none, which help shows as the default.
func (f *values) String() string {
	if f.parameter.List {
		return ""
	}
	return f.parameter.Absent
}

func (f *values) Set(text string) error {
	list, err := scenario.ParseValues(f.parameter, text)
	if err != nil {
		return err
	}
	if f.given && f.parameter.List && f.parameter.Kind == parameter.Word {
		list = append((*f.to)[f.parameter.Name], list...)
	}
	f.given = true
	f.to.Put(f.parameter.Name, list)
	return nil
}
