package flagvalue

import (
	"cmp"

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

// one reads the value of a parameter into a cell.
type one struct {
	parameter results.Parameter
	to        *results.Cell
	byDefault string
}

// One reads one value of a parameter. Help shows what the cell has of it as the default.
func One(p results.Parameter, to *results.Cell) pflag.Value {
	p.List = false
	return &one{p, to, cmp.Or(p.Value(*to), p.Absent, p.Default)}
}

func (f *one) Type() string {
	return (&values{parameter: f.parameter}).Type()
}

func (f *one) String() string { return f.byDefault }

func (f *one) Set(text string) error {
	list, err := scenario.ParseValues(f.parameter, text)
	if err != nil {
		return err
	}
	f.parameter.Copy(f.to, list[0])
	return nil
}

// types are what pflag calls the kinds of values.
var types = map[parameter.Kind]string{
	parameter.Word: "names", parameter.Time: "time", parameter.Times: "durations", parameter.TimePerTime: "stall", parameter.TimePerCount: "pause",
}

// Type is string for one word: help quotes its default.
func (f *values) Type() string {
	if f.parameter.Kind == parameter.Word && !f.parameter.List {
		return "string"
	}
	return cmp.Or(types[f.parameter.Kind], "numbers")
}

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
