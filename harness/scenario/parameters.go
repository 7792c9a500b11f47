package scenario

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/parameter"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Parameters lists those parameters of a cell that a scenario gives, in the order of
// labels, with what only strategies know of them.
func Parameters() []results.Parameter {
	var given []results.Parameter
	for _, p := range results.Declared() {
		if p.Section != "" {
			given = append(given, completed(p))
		}
	}
	return given
}

// Asked lists the parameters under which somebody may ask for a strategy, each of one
// value.
func Asked() []results.Parameter {
	asked := slices.DeleteFunc(Parameters(), func(p results.Parameter) bool { return p.Unasked })
	for i := range asked {
		p := &asked[i]
		p.Usage, p.List = cmp.Or(p.One, p.Usage), false
	}
	return asked
}

// completed fills in the bounds and the words that strategies have.
func completed(p results.Parameter) results.Parameter {
	switch p.Name {
	case "capacity":
		p.Limits = []parameter.Limit{{Most: strategies.MaxCapacity}}
	case "lanes":
		p.Limits = []parameter.Limit{{Most: strategies.MaxLanes}}
	case "messages":
		p.Limits = []parameter.Limit{{Most: strategies.MaxSeq}}
	case "policy":
		p.Words = Policies()
		p.Usage = fmt.Sprintf(p.Usage, strings.Join(p.Words, ", "))
	}
	return p
}

// ParameterOf returns the parameter of that name; false if a scenario gives none.
func ParameterOf(name string) (results.Parameter, bool) {
	all := results.Declared()
	i := slices.IndexFunc(all, func(p results.Parameter) bool { return p.Section != "" && p.Name == name })
	if i < 0 {
		return results.Parameter{}, false
	}
	return completed(all[i]), true
}

// Values are what a scenario gives for parameters, by their names: each value is a cell
// of which that parameter is set and nothing else.
type Values map[string][]results.Cell

// Give sets parameters to the value that a cell has of them.
func (v *Values) Give(c results.Cell, names ...string) {
	for _, name := range names {
		p, known := ParameterOf(name)
		if !known {
			panic(fmt.Sprintf("a scenario gives no %q", name))
		}
		var value results.Cell
		p.Copy(&value, c)
		v.Put(name, []results.Cell{value})
	}
}

// Set sets a parameter to the values of a text, as ParseValues reads it.
func (v *Values) Set(name, text string) error {
	p, known := ParameterOf(name)
	if !known {
		return fmt.Errorf("a scenario gives no %q", name)
	}
	values, err := ParseValues(p, text)
	if err != nil {
		return err
	}
	v.Put(name, values)
	return nil
}

// Put sets a parameter to some values.
func (v *Values) Put(name string, values []results.Cell) {
	next := maps.Clone(*v) // variants share it
	if next == nil {
		next = Values{}
	}
	next[name] = values
	*v = next
}

// one returns the value of a parameter that has one; the zero Cell if it has none.
func (v Values) one(name string) results.Cell {
	if values := v[name]; len(values) > 0 {
		return values[0]
	}
	return results.Cell{}
}

// ParseValues reads the values of a parameter, separated by commas where there may be
// several.
func ParseValues(p results.Parameter, text string) ([]results.Cell, error) {
	values, err := parseKind(p, text)
	if err == nil && !p.List && len(values) != 1 {
		err = errOneValue
	}
	return values, err
}

// parseKind reads values of each kind as their cells.
func parseKind(p results.Parameter, text string) ([]results.Cell, error) {
	switch p.Kind {
	case parameter.Word:
		list, err := ParseNames(text)
		return each(p, list), err
	case parameter.Count:
		list, err := ParseInts(text, limitOf(p))
		return each(p, list), err
	case parameter.Size:
		return parsePayloads(p, text)
	case parameter.Rate:
		list, err := ParseRates(text)
		return each(p, list), err
	case parameter.Number:
		list, err := ParseFloats(text)
		return each(p, list), err
	case parameter.Time:
		list, err := ParseDurations(text, limitOf(p))
		return each(p, list), err
	case parameter.Times:
		list, err := ParseDurations(text, limitOf(p))
		return each(p, []results.Stages{results.NewStages(list...)}), err
	case parameter.Capacity:
		return parseCapacities(p, text)
	case parameter.TimePerTime:
		length, every, err := parseStall(text, limitOf(p))
		return []results.Cell{p.Made(length, every)}, err
	case parameter.TimePerCount:
		length, every, err := parsePause(text, p)
		return []results.Cell{p.Made(length, every)}, err
	default:
		panic(fmt.Sprintf("parameter %s: nothing reads kind %d", p.Name, p.Kind))
	}
}

// each makes each value of a list a cell.
func each[L ~[]T, T any](p results.Parameter, list L) []results.Cell {
	cells := make([]results.Cell, len(list))
	for i, value := range list {
		cells[i] = p.Made(value)
	}
	return cells
}
