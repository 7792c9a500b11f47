package strategies

import (
	"fmt"
	"slices"
	"strings"
)

// DefaultCapacity is the capacity in items of a bounded fan-in when
// Options.Capacity is 0: the upper end of what is usually advised for absorbing
// bursts (100 to 1000), rounded to a power of two.
const DefaultCapacity = 1024

// MaxCapacity is the largest capacity in items that Options accepts.
const MaxCapacity = 1 << 30

// MaxLanes is the largest number of lanes that Options accepts.
const MaxLanes = 1 << 20

// Options configures a fan-in. The zero value is ready to use. Every constructor
// panics on options that it cannot honour, with the error of [Options.Validate],
// which can be asked before.
type Options struct {
	// Capacity is the bound in items, in total or per producer as
	// Descriptor.Bound says. 0 means DefaultCapacity. Strategies whose bound
	// has no capacity ignore it.
	Capacity int

	// Policy says what a send does when there is no room. The zero value is
	// Block. Only bounded strategies offer others.
	Policy Policy

	// Lanes fixes the number of lanes that producers share; 0 gives each
	// producer a lane of its own. Strategies without lanes ignore it.
	Lanes int
}

// Validate reports the first option that the strategy described by d cannot
// honour.
func (o Options) Validate(d Descriptor) error {
	if o.Capacity < 0 || o.Capacity > MaxCapacity {
		return fmt.Errorf("strategy %q: capacity %d is not in 0..%d", d.Name, o.Capacity, MaxCapacity)
	}
	if o.Lanes < 0 || o.Lanes > MaxLanes {
		return fmt.Errorf("strategy %q: %d lanes is not in 0..%d", d.Name, o.Lanes, MaxLanes)
	}
	if !d.Offers(o.Policy) {
		offered := d.policies()
		names := make([]string, len(offered))
		for i, p := range offered {
			names[i] = p.String()
		}
		return fmt.Errorf("strategy %q (%s) does not offer policy %q (one of %s)",
			d.Name, d.Bound, o.Policy, strings.Join(names, ", "))
	}
	return nil
}

// MustSuit returns the options with their defaults filled in. It panics with the
// error of Validate, if there is one: every constructor calls it.
func (o Options) MustSuit(d Descriptor) Options {
	if err := o.Validate(d); err != nil {
		panic(err)
	}
	if o.Capacity == 0 {
		o.Capacity = DefaultCapacity
	}
	return o
}

// Policy says what a send does when a bounded fan-in has no room.
type Policy uint8

// The overflow policies.
const (
	// Block makes the send wait for room, which the consumer makes. A consumer that
	// sends into its own bounded fan-in may thus wait for itself for ever: it is to
	// use a Try variant there, or another goroutine.
	Block Policy = iota
	// Fail makes the send return ErrFull; the item is rejected.
	Fail
	// DropNewest throws the item being sent away, counts it and returns nil.
	DropNewest
	// DropOldest throws the oldest waiting item away, counts it against the
	// producer that sent it, and accepts the new one.
	DropOldest
)

var policyNames = [...]string{Block: "block", Fail: "fail", DropNewest: "drop-newest", DropOldest: "drop-oldest"}

// Policies lists every overflow policy.
func Policies() []Policy { return []Policy{Block, Fail, DropNewest, DropOldest} }

// String returns the policy's name on the command line.
func (p Policy) String() string {
	if int(p) < len(policyNames) {
		return policyNames[p]
	}
	return fmt.Sprintf("policy(%d)", p)
}

// ParsePolicy returns the policy with the given name.
func ParsePolicy(name string) (Policy, error) {
	i, err := parseName("policy", name, policyNames[:])
	return Policy(i), err
}

// Bound says what limits the backlog.
type Bound uint8

// The kinds of bound.
const (
	// Unbounded accepts everything; memory is the limit.
	Unbounded Bound = iota
	// PerProducer accepts up to Options.Capacity items of each producer.
	PerProducer
	// Total accepts up to Options.Capacity items of all producers together.
	Total
	// Rendezvous holds nothing: there is room for an item only while the
	// consumer waits for one, so a send ends with its receive.
	Rendezvous
	// InFlight is Total with an item counting, beyond its receipt, until the
	// consumer's next receive call: room is made by finishing work.
	InFlight
)

// HasCapacity reports whether Options.Capacity sets the bound.
func (b Bound) HasCapacity() bool { return b != Unbounded && b != Rendezvous }

var boundNames = [...]string{
	Unbounded: "unbounded", PerProducer: "bounded per producer", Total: "bounded in total",
	Rendezvous: "holds nothing", InFlight: "bounded in flight",
}

// String returns the bound's name in tables.
func (b Bound) String() string { return boundNames[b] }

// ParseBound returns the bound with the given name.
func ParseBound(name string) (Bound, error) {
	i, err := parseName("bound", name, boundNames[:])
	return Bound(i), err
}

// Order says what order the consumer sees.
type Order uint8

// The kinds of order.
const (
	// OrderPerProducer keeps the items of each producer in the order sent.
	OrderPerProducer Order = iota
	// OrderGlobal also delivers an item whose send returned before another's
	// send began ahead of that other, whichever producers sent them.
	OrderGlobal
	// OrderNone keeps no order. It is that of a [Sender] over lanes: see
	// [Descriptor.SenderOrder].
	OrderNone
)

var orderNames = [...]string{OrderPerProducer: "per producer", OrderGlobal: "global", OrderNone: "none"}

// String returns the order's name in tables.
func (o Order) String() string { return orderNames[o] }

// ParseOrder returns the order with the given name, of those that a strategy may have.
func ParseOrder(name string) (Order, error) {
	i, err := parseName("order", name, orderNames[:OrderNone])
	return Order(i), err
}

// parseName returns the place of a name among those that there are.
func parseName(what, name string, names []string) (int, error) {
	if i := slices.Index(names, name); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("unknown %s %q (one of %s)", what, name, strings.Join(names, ", "))
}
