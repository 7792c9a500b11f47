package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/parameter"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// CheckCell reports the first parameter of a cell that cannot be as a FieldError.
func CheckCell(c results.Cell) error {
	for _, p := range results.Declared() {
		p = completed(p)
		if err := checkValue(p, c); err != nil {
			return err
		}
		if p.Check == nil {
			continue
		}
		if err := p.Check(c); err != nil {
			return err
		}
	}
	if (c.Messages == 0) == (c.DurationNs == 0) {
		return results.FieldErrorf("duration", "exactly one of duration and messages must be above 0")
	}
	return checkItem(c)
}

// checkValue reports a word that is unknown, or a number out of its limit.
func checkValue(p results.Parameter, c results.Cell) error {
	if _, word, unknown := p.Unknown(c); unknown {
		return &results.FieldError{Field: p.Name, Err: pick.Unknown(p.Noun, word, p.Words)}
	}
	e := p.Outside(c)
	if e == nil {
		return nil
	}
	if value, whole := e.Value.(int64); whole {
		l := limitOf(p)
		isTime := l.IsTime && (e.Field == 0 || p.Kind == parameter.TimePerTime)
		return &results.FieldError{Field: p.Name, Err: units.Limit{Least: e.Least.(int64), Most: e.Most.(int64), IsTime: isTime}.Check(value)}
	}
	return results.FieldErrorf(p.Name, "%v is not in %v..%v", e.Value, e.Least, e.Most)
}

// checkItem reports a payload that cannot be carried by value.
func checkItem(c results.Cell) error {
	sizes := trial.ValueSizes()
	if c.Item != results.ItemValue || slices.Contains(sizes, c.Payload) {
		return nil
	}
	var words []string
	for _, size := range sizes {
		words = append(words, fmt.Sprint(size))
	}
	return results.FieldErrorf("payload", "%d bytes cannot be carried by value: there are items of %s", c.Payload, strings.Join(words, ", "))
}
