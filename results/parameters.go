package results

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/results/units"
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

// FieldError is a bad value of a parameter of a cell or of a scenario, by the name of its flag.
type FieldError struct {
	Field string
	Err   error
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }

// Unwrap returns what is wrong with the value.
func (e *FieldError) Unwrap() error { return e.Err }

// FieldErrorf returns a FieldError with a formatted reason.
func FieldErrorf(field, format string, args ...any) error {
	return &FieldError{Field: field, Err: fmt.Errorf(format, args...)}
}

// Parameters lists every parameter, in the order of labels. The number of
// messages and the duration are not among them: they say for how long a cell
// was watched, not under which conditions.
func Parameters() []Parameter {
	return []Parameter{
		{machineName, true, func(c Cell) string { return c.Machine }},
		{"kind", true, func(c Cell) string { return c.Kind }},
		{"arrival", true, func(c Cell) string { return c.Arrival }},
		{"rate", true, func(c Cell) string { return units.Decimal(c.Rate) }},
		{"load", true, func(c Cell) string { return units.Decimal(c.Load) }},
		{"overload", true, func(c Cell) string { return units.Decimal(c.Overload) }},
		{"hot-share", true, func(c Cell) string { return units.Decimal(c.HotShare) }},
		{"zipf", true, func(c Cell) string { return units.Decimal(c.Zipf) }},
		{"burst-period", true, func(c Cell) string { return units.Duration(c.BurstPeriodNs) }},
		{"pause", true, Cell.pause},
		{"consumer-cost", true, func(c Cell) string { return units.Duration(c.ConsumerCostNs) }},
		{"batch-cost", true, func(c Cell) string { return units.Duration(c.BatchCostNs) }},
		{"cost-kind", true, func(c Cell) string { return c.CostKind }},
		{"stages", true, func(c Cell) string { return c.Stages }},
		{"sink", true, func(c Cell) string { return c.Sink }},
		{"sink-write", true, func(c Cell) string { return c.SinkWrite }},
		{"sink-frame", true, func(c Cell) string { return c.SinkFrame }},
		{"stall", true, Cell.stall},
		{"busy", true, func(c Cell) string { return units.Positive(c.Busy) }},
		{"busy-kind", true, func(c Cell) string { return c.BusyKind }},
		{"payload", true, func(c Cell) string { return strconv.Itoa(c.Payload) }},
		{"item", true, func(c Cell) string { return c.Item }},
		{"allocation", true, func(c Cell) string { return c.Allocation }},
		{"send-batch", true, func(c Cell) string { return strconv.Itoa(c.SendBatch) }},
		{"recv-batch", true, func(c Cell) string { return strconv.Itoa(c.RecvBatch) }},
		{"batch-deadline", true, func(c Cell) string { return units.Duration(c.BatchDeadlineNs) }},
		{"gomaxprocs", true, func(c Cell) string { return strconv.Itoa(c.GOMAXPROCS) }},
		{"capacity", false, Cell.capacity},
		{"policy", false, func(c Cell) string { return c.Policy }},
		{"lanes", false, func(c Cell) string { return units.Positive(c.Lanes) }},
	}
}

const machineName = "machine"

// Conditions names what a load, the search that it is a share of and the harness
// floor that it is held against have in common, besides the producers: the shared
// parameters but for what is offered and what disturbs it.
func (c Cell) Conditions() string {
	var common []Parameter
	for _, p := range Parameters() {
		if p.Shared && !slices.Contains([]string{"kind", "rate", "load", "overload", "stall"}, p.Name) {
			common = append(common, p)
		}
	}
	return c.Label(common, " ")
}

// stall returns how long the consumer sleeps and how often. A slash would end
// the parameter in a benchmark name.
func (c Cell) stall() string {
	if c.StallNs == 0 {
		return ""
	}
	return units.Duration(c.StallNs) + "-per-" + units.Duration(c.StallEveryNs)
}

// pause returns how long a producer sleeps and after how many messages.
func (c Cell) pause() string {
	if c.PauseNs == 0 {
		return ""
	}
	return units.Duration(c.PauseNs) + "-per-" + strconv.FormatInt(c.PauseEvery, 10)
}

// capacity writes what a bounded strategy holds, and of whom if that was said.
func (c Cell) capacity() string {
	text := units.Positive(c.Capacity)
	if of := c.CapacityCounted(); text != "" && of != "" {
		text += "-" + strings.ReplaceAll(of, " ", "-")
	}
	return text
}

// CapacityCounted words whose items the capacity counts, if that was said.
func (c Cell) CapacityCounted() string {
	switch c.CapacityOf {
	case CapacityPerProducer:
		return "per producer"
	case CapacityInTotal:
		return "in total"
	default:
		return ""
	}
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
			if p.Name == machineName {
				at = point{} // machines are kept apart, also where they measured different cells
			}
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

// path names the cell within its run as strategy/producers=N/name=value...
func (c Cell) path(varying []Parameter) string {
	path := fmt.Sprintf("%s/producers=%d", c.Strategy, c.Producers)
	if rest := c.Label(varying, "/"); rest != "" {
		path += "/" + rest
	}
	return path
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

// sameConditions reports whether two cells differ in nothing but the strategy,
// and the parameters named in but: the producers are equal, every other
// parameter that all strategies have, and of the rest every one that both have.
func (c Cell) sameConditions(other Cell, but ...string) bool {
	if c.Producers != other.Producers {
		return false
	}
	for _, p := range Parameters() {
		a, b := p.Value(c), p.Value(other)
		if a == b || slices.Contains(but, p.Name) || !p.Shared && (a == "" || b == "") {
			continue
		}
		return false
	}
	return true
}

// IsOpen reports whether the cell is a load whose messages arrive whether or not
// the strategy keeps up.
func (c Cell) IsOpen() bool { return c.Kind == "" && (c.Rate > 0 || c.Load > 0) }

// IsClosed reports whether the cell is a load in which each producer sends as
// fast as it can.
func (c Cell) IsClosed() bool { return c.Kind == "" && !c.IsOpen() }
