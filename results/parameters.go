package results

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Parameter is one thing besides the strategy and the producers that a cell
// fixes.
type Parameter struct {
	// Name is the flag's name, as it stands in labels and benchmark names.
	Name string
	// Shared says that every strategy has it. The others are a choice within
	// a strategy, such as a channel's capacity.
	Shared bool
	// Value returns a cell's value as text, empty where it has none.
	Value func(Cell) string
}

// Parameters lists every parameter, in the order of labels. The number of
// messages and the duration are not among them: they say for how long a cell
// was watched, not under which conditions.
func Parameters() []Parameter {
	return []Parameter{
		{"arrival", true, func(c Cell) string { return c.Arrival }},
		{"payload", true, func(c Cell) string { return strconv.Itoa(c.Payload) }},
		{"send-batch", true, func(c Cell) string { return strconv.Itoa(c.SendBatch) }},
		{"recv-batch", true, func(c Cell) string { return strconv.Itoa(c.RecvBatch) }},
		{"gomaxprocs", true, func(c Cell) string { return strconv.Itoa(c.GOMAXPROCS) }},
		{"capacity", false, func(c Cell) string { return positive(c.Capacity) }},
		{"policy", false, func(c Cell) string { return c.Policy }},
		{"lanes", false, func(c Cell) string { return positive(c.Lanes) }},
	}
}

func positive(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// Varying returns the parameters in which two cells of the same strategy and
// number of producers differ: those that a label has to name.
func Varying(cells []Cell) []Parameter {
	type point struct {
		strategy  string
		producers int
	}
	var varying []Parameter
	for _, p := range Parameters() {
		first := map[point]string{}
		for _, c := range cells {
			at := point{c.Strategy, c.Producers}
			value, seen := first[at]
			if seen && value != p.Value(c) {
				varying = append(varying, p)
				break
			}
			first[at] = p.Value(c)
		}
	}
	return varying
}

// Label returns name=value for each of the parameters that the cell has, with
// separator between them.
func (c Cell) Label(parameters []Parameter, separator string) string {
	var parts []string
	for _, p := range parameters {
		if v := p.Value(c); v != "" {
			parts = append(parts, p.Name+"="+v)
		}
	}
	return strings.Join(parts, separator)
}

// String describes the cell in full, for messages.
func (c Cell) String() string {
	text := fmt.Sprintf("%s producers=%d %s", c.Strategy, c.Producers, c.Label(Parameters(), " "))
	if c.Messages > 0 {
		text += fmt.Sprintf(" messages=%d", c.Messages)
	}
	if c.DurationNs > 0 {
		text += fmt.Sprintf(" duration=%v", time.Duration(c.DurationNs))
	}
	return text
}

// sameConditions reports whether two cells differ in nothing but the strategy:
// the producers are equal, and so is every parameter that both have.
func (c Cell) sameConditions(other Cell) bool {
	if c.Producers != other.Producers {
		return false
	}
	for _, p := range Parameters() {
		a, b := p.Value(c), p.Value(other)
		if a != "" && b != "" && a != b {
			return false
		}
	}
	return true
}
