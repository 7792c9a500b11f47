package parameter

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/fanin-bench/fanin-bench/results/units"
)

// Kind says how the values of a parameter are written.
type Kind int

// The kinds. Those that have two parts have two fields.
const (
	Word         Kind = iota // a word
	Count                    // a whole number, such as 16 or 64k
	Size                     // a number of bytes, such as 64KiB
	Rate                     // messages per second, such as 200k
	Number                   // a number, such as 0.5
	Time                     // a duration, such as 50ms
	Capacity                 // a count of items, and of whom: 1024/producer
	TimePerTime              // two durations: 50ms/500ms
	TimePerCount             // a duration and a whole number: 1ms/1000
	Times                    // durations that are one value together: 10ms,50ms
)

// Role is the part that a parameter plays when cells are compared.
type Role int

const (
	// Condition is what every strategy is measured under.
	Condition Role = iota
	// Offer is how much a load offers, which a search for the saturation rate finds out.
	Offer
	// Disturbance is what disturbs a load, and not the search that it refers to.
	Disturbance
	// Choice is a choice within a strategy, such as a channel's capacity: not every
	// strategy has it.
	Choice
	// Repetition is for how long a cell is watched.
	Repetition
	// Extent is how large a cell is: it is named apart from all others.
	Extent
)

// Traits is what a strategy has that decides whether a parameter concerns it.
type Traits struct {
	Capacity bool // it holds no more than it is told
	Full     bool // it can be full
	Lanes    bool // its number of lanes can be set
	Weight   bool // it can be bounded by weight

	Processes bool // its producers can be shared out among processes
}

// Limit is the least and the most that a number may be.
type Limit struct{ Least, Most float64 }

// Axis is how a figure is called that goes along a parameter.
type Axis struct {
	Question string // that the figure answers
	Label    string // of the axis, with its unit
	// FromZero says that 0 is a value like others, and not the absence of any.
	FromZero bool
}

// Of is a parameter of a cell of type C.
type Of[C any] struct {
	// Name is the name of the flag and of the key in a scenario file; it stands in labels
	// and benchmark names.
	Name string
	// Section is where a scenario file has the key; empty if it cannot be given there.
	Section string
	// Usage is the help of the flag. Its back-quoted word is a noun or the choices. %s
	// stands for the words, if their list is somebody else's.
	Usage string
	// One is the help where one value is asked for and not several; empty: Usage.
	One string
	// Unasked says that nobody asks for a strategy under it: it is a trait of the
	// strategy, or its load shows one that ends, stalls or is a share of its own.
	Unasked bool

	Kind Kind
	List bool // several values may be given, each for cells of its own
	Role Role

	// Fields returns pointers to the fields of a cell that hold a value, in the order in
	// which its parts are written.
	Fields func(*C) []any
	// Limits are those of the fields that are numbers.
	Limits []Limit
	// Words are what a word may be, and Noun is what one is called.
	Words []string
	Noun  string
	// Absent is the word that a cell says by the absence of any.
	Absent string
	// Default is what a scenario has that gives none, as text.
	Default string

	// Concerns reports whether the parameter means something to a strategy in a cell that
	// has the parameters before it; nil: it always does.
	Concerns func(C, Traits) bool
	// AtRest says that a probe of a fan-in at rest has it, too.
	AtRest bool
	// Check reports what is wrong with a cell besides the limits and words; nil: nothing.
	Check func(C) error

	// Text writes the value of a cell for labels, empty if it has none; nil: by the kind.
	Text func(C) string
	// Axis is set if a figure can go along the parameter.
	Axis *Axis

	// Nesting is the place of the parameter where a scenario is multiplied out: what has a
	// lower one varies less often. Those of 0 come last, in the order of the table.
	Nesting int
	// Or names the parameter to which this one is another way to say the same: their
	// values are put side by side, not multiplied.
	Or string
	// Quick is how many values of a list a quick run keeps; 0: all.
	Quick int
}

// Shared reports whether every strategy has the parameter.
func (p Of[C]) Shared() bool { return p.Role != Choice }

// Value returns a cell's value as text for labels, empty if it has none.
func (p Of[C]) Value(c C) string {
	if p.Text != nil {
		return p.Text(c)
	}
	switch v := p.Fields(&c)[0].(type) {
	case *int:
		return units.Positive(*v)
	case *int64:
		if p.Kind == Time {
			return units.Duration(*v)
		}
		return units.Positive(int(*v))
	case *float64:
		return units.Decimal(*v)
	case *string:
		return *v
	case fmt.Stringer:
		return v.String()
	default:
		panic(fmt.Sprintf("parameter %s: nothing writes a %T", p.Name, v))
	}
}

// Number returns a cell's value if it is one number.
func (p Of[C]) Number(c C) (float64, bool) {
	if !slices.Contains([]Kind{Count, Size, Rate, Number, Time, Capacity}, p.Kind) {
		return 0, false
	}
	return number(p.Fields(&c)[0])
}

// NumberText writes a number as the parameter's values are written in sentences.
func (p Of[C]) NumberText(v float64) string {
	switch p.Kind {
	case Size:
		return units.Bytes(v)
	case Rate:
		return units.PerSecond(v)
	case Time:
		return time.Duration(v).String()
	default:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
}

// Copy gives a cell the value of another. The word that a cell says by absence is left
// out.
func (p Of[C]) Copy(to *C, from C) {
	of := p.Fields(&from)
	for i, field := range p.Fields(to) {
		value := reflect.ValueOf(of[i]).Elem()
		if word, ok := of[i].(*string); ok && *word == p.Absent {
			value = reflect.Zero(value.Type())
		}
		reflect.ValueOf(field).Elem().Set(value)
	}
}

// Clear takes the value from a cell.
func (p Of[C]) Clear(c *C) {
	var zero C
	p.Copy(c, zero)
}

// Made returns a cell of which only this parameter is set, from the values of its fields.
func (p Of[C]) Made(values ...any) C {
	var c C
	for i, field := range p.Fields(&c)[:len(values)] {
		to := reflect.ValueOf(field).Elem()
		to.Set(reflect.ValueOf(values[i]).Convert(to.Type()))
	}
	return c
}

// Excess is a number that is out of its limit: float64s or int64s, as the field is.
type Excess struct {
	Field              int // its place
	Value, Least, Most any
}

// Outside returns the first number of a cell that is out of its limit, nil if none is.
func (p Of[C]) Outside(c C) *Excess {
	at := 0
	for i, f := range p.Fields(&c) {
		v, ok := number(f)
		if !ok {
			continue
		}
		l := p.Limits[at]
		switch at++; {
		case v >= l.Least && v <= l.Most: // NaN is outside of everything
		case reflect.TypeOf(f).Elem().Kind() == reflect.Float64:
			return &Excess{i, v, l.Least, l.Most}
		default:
			return &Excess{i, reflect.ValueOf(f).Elem().Int(), int64(l.Least), int64(l.Most)}
		}
	}
	return nil
}

// Unknown returns the place of the first field whose word is none of those that it may
// be; false if there is none. An absent word is known.
func (p Of[C]) Unknown(c C) (field int, word string, unknown bool) {
	if len(p.Words) == 0 {
		return 0, "", false
	}
	for i, f := range p.Fields(&c) {
		if word, ok := f.(*string); ok && *word != "" && !slices.Contains(p.Words, *word) {
			return i, *word, true
		}
	}
	return 0, "", false
}

// Names returns the names of the fields in JSON.
func (p Of[C]) Names() []string {
	var c C
	cell := reflect.ValueOf(&c).Elem()
	var names []string
	for _, field := range p.Fields(&c) {
		for f, v := range cell.Fields() {
			if v.Addr().Pointer() == reflect.ValueOf(field).Pointer() && v.Type() == reflect.TypeOf(field).Elem() {
				names = append(names, JSONName(f))
			}
		}
	}
	return names
}

func number(field any) (float64, bool) {
	switch v := field.(type) {
	case *int:
		return float64(*v), true
	case *int64:
		return float64(*v), true
	case *float64:
		return *v, true
	default:
		return math.NaN(), false
	}
}
