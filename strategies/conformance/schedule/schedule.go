package schedule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/sends"
)

// Schedule is operations on one fan-in.
type Schedule struct {
	Strategy string
	Options  strategies.Options
	Seed     uint64 // of the random schedule that it was shrunk from, and of pauses
	// Broken is what came of it when it was found; without a promise: not known.
	Broken Failure
	// Concurrent says that each goroutine makes its operations on its own, beside the
	// others. Otherwise one operation follows the other.
	Concurrent bool
	Ops        []Op
}

// Failure is a broken promise.
type Failure struct {
	Promise strategies.Promise
	Detail  string
	missing []strategies.Word // if they do not come at all, exactly-once is broken
}

// Op is one operation of one goroutine.
type Op struct {
	Who int // the number of a producer, or Consumer
	Do  Verb
	N   int // items to send, or places to receive into
}

// Consumer is who receives.
const Consumer = -1

// Verb is what an operation does. Those that send are in the order of [sends.Way].
type Verb uint8

// The verbs.
const (
	Send Verb = iota
	SendBatch
	SendContext
	SendBatchContext
	TrySend
	TrySendBatch
	Recv
	RecvContext
	TryRecv
	Open
	Close
	Cancel
)

var verbs = [...]struct {
	name               string
	producer, consumer bool // who may
	counted            bool // takes a number
}{
	Send:             {"Send", true, false, false},
	SendBatch:        {"SendBatch", true, false, true},
	SendContext:      {"SendContext", true, false, false},
	SendBatchContext: {"SendBatchContext", true, false, true},
	TrySend:          {"TrySend", true, false, false},
	TrySendBatch:     {"TrySendBatch", true, false, true},
	Recv:             {"Recv", false, true, true},
	RecvContext:      {"RecvContext", false, true, true},
	TryRecv:          {"TryRecv", false, true, true},
	Open:             {"Open", true, false, false},
	Close:            {"Close", true, true, false},
	Cancel:           {"Cancel", true, true, false},
}

// String returns the verb as it is written.
func (v Verb) String() string { return verbs[v].name }

func (v Verb) sends() bool { return v <= TrySendBatch }

func (v Verb) receives() bool { return v >= Recv && v <= TryRecv }

func (v Verb) tries() bool { return v == TrySend || v == TrySendBatch || v == TryRecv }

func (v Verb) takesContext() bool {
	return v == SendContext || v == SendBatchContext || v == RecvContext
}

func (v Verb) way() sends.Way { return sends.Way(v) }

// String returns the operation as a line of the text.
func (o Op) String() string {
	who := "c"
	if o.Who != Consumer {
		who = fmt.Sprintf("p%d", o.Who)
	}
	if verbs[o.Do].counted {
		return fmt.Sprintf("%s %v %d", who, o.Do, o.N)
	}
	return fmt.Sprintf("%s %v", who, o.Do)
}

// modes are what a schedule may be: sequential or concurrent.
var modes = [...]string{"sequential", "concurrent"}

// String returns the text that [Parse] reads.
func (s Schedule) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "strategy %s\n", s.Strategy)
	if s.Options.Capacity > 0 {
		fmt.Fprintf(&b, "capacity %d\n", s.Options.Capacity)
	}
	if s.Options.Policy != strategies.Block {
		fmt.Fprintf(&b, "policy %v\n", s.Options.Policy)
	}
	if s.Options.Lanes > 0 {
		fmt.Fprintf(&b, "lanes %d\n", s.Options.Lanes)
	}
	fmt.Fprintf(&b, "seed %d\n", s.Seed)
	if s.Concurrent {
		fmt.Fprintf(&b, "mode %s\n", modes[1])
	}
	if s.Broken.Promise != "" {
		fmt.Fprintf(&b, "breaks %s: %s\n", s.Broken.Promise, s.Broken.Detail)
	}
	for _, op := range s.Ops {
		fmt.Fprintln(&b, op)
	}
	return b.String()
}

// Suits reports why the strategy described by d cannot run the schedule, or nil. The
// model knows when a call waits only where room is exactly what the capacity says, and
// which item goes only where the oldest is.
func (s Schedule) Suits(d strategies.Descriptor) error {
	if err := s.Options.Validate(d); err != nil {
		return err
	}
	if err := suitable(d); err != nil {
		return err
	}
	if drops(s.Options.Policy) && d.Bound == strategies.Rendezvous ||
		s.Options.Policy == strategies.DropOldest && d.Bound != strategies.PerProducer && d.Order != strategies.OrderGlobal {
		return fmt.Errorf("strategy %q: under policy %v no schedule can tell which item it drops", d.Name, s.Options.Policy)
	}
	return nil
}

// suitable reports why no schedule suits the strategy described by d, or nil.
func suitable(d strategies.Descriptor) error {
	if d.Floor || d.Lossy {
		return fmt.Errorf("strategy %q: loses items by design: no schedule can tell what it must deliver", d.Name)
	}
	for _, p := range needed {
		if why, lacks := d.Lacks[p]; lacks {
			return fmt.Errorf("strategy %q: a schedule needs promise %s, which it lacks: %s", d.Name, p, why)
		}
	}
	return nil
}

// needed are the promises without which the model cannot tell what comes next.
var needed = []strategies.Promise{
	strategies.PromiseExactlyOnce, strategies.PromiseDrain, strategies.PromiseBound, strategies.PromiseOverflow,
	strategies.PromiseWake, strategies.PromiseBatch,
}

func drops(p strategies.Policy) bool {
	return p == strategies.DropNewest || p == strategies.DropOldest
}

// producers returns how many numbers of producers there are.
func (s Schedule) producers() int {
	n := 0
	for _, op := range s.Ops {
		n = max(n, op.Who+1)
	}
	return n
}

// with returns the schedule with other operations.
func (s Schedule) with(ops []Op) Schedule {
	s.Ops = slices.Clone(ops)
	return s
}
