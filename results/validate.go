package results

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits on what a file may claim. They are far beyond anything that was ever
// run; within them no sum over a run overflows and no table exhausts memory.
const (
	maxReps      = 10_000
	maxCells     = 100_000
	maxProducers = 1 << 24
	maxParameter = 1 << 40
	maxCount     = 1 << 48 // messages of a trial: three days at 1 ns each
	maxNs        = 1 << 53 // 104 days, and exact in a float64
	maxBytes     = 1 << 50
	MaxNameBytes = 64
	maxIndex     = 1 << 16
	maxRate      = 1e12 // messages per second
	maxShare     = 1e6  // of a rate
	maxSteps     = 100_000
)

func (m *Manifest) validate() error {
	if m.Reps < 1 || m.Reps > maxReps {
		return outside("reps", m.Reps, 1, maxReps)
	}
	if len(m.Cells) < 1 || len(m.Cells) > maxCells {
		return outside("number of cells", len(m.Cells), 1, maxCells)
	}
	if sides := []string{SideBase, SideNew}; m.Pair != nil && !slices.Contains(sides, m.Pair.Side) {
		return fmt.Errorf("unknown side of a pair %.40q; one of %q", m.Pair.Side, sides)
	}
	if err := cmp.Or(m.validateLabel(), m.validateExpect()); err != nil {
		return err
	}
	machines, err := m.machineNames()
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, s := range m.Strategies {
		if err := checkName("strategy", s.Name); err != nil {
			return err
		}
		if s.Index < 0 || s.Index > maxIndex {
			return fmt.Errorf("strategy %q: %w", s.Name, outside("index", s.Index, 0, maxIndex))
		}
		if names[s.Name] {
			return fmt.Errorf("strategy %q is listed twice", s.Name)
		}
		names[s.Name] = true
	}
	seen := map[Cell]bool{}
	for i, c := range m.Cells {
		if err := c.validate(); err != nil {
			return fmt.Errorf("cell %d: %w", i, err)
		}
		if !names[c.Strategy] {
			return fmt.Errorf("cell %d: strategy %q is not in the list of strategies", i, c.Strategy)
		}
		if !machines[c.Machine] {
			return fmt.Errorf("cell %d: machine %.64q is not in the list of machines", i, c.Machine)
		}
		if seen[c] {
			return fmt.Errorf("cell %d: it repeats an earlier one", i)
		}
		seen[c] = true
	}
	return nil
}

// machineNames returns what a cell's machine may be: one that is listed, or none
// where none is.
func (m *Manifest) machineNames() (map[string]bool, error) {
	names := map[string]bool{}
	for _, machine := range m.Machines {
		if err := CheckMachine(machine.Name); err != nil {
			return nil, err
		}
		if names[machine.Name] {
			return nil, fmt.Errorf("machine %q is listed twice", machine.Name)
		}
		names[machine.Name] = true
	}
	if len(names) == 0 {
		names[""] = true
	}
	return names, nil
}

func (c *Cell) validate() error {
	if err := checkName("strategy", c.Strategy); err != nil {
		return err
	}
	if err := checkName("arrival", c.Arrival); err != nil {
		return err
	}
	if c.Policy != "" {
		if err := checkName("policy", c.Policy); err != nil {
			return err
		}
	}
	if err := c.validateChoices(); err != nil {
		return err
	}
	if err := c.validateStages(); err != nil {
		return err
	}
	if err := firstOutside(
		limits{"rate_msgs_per_s", c.Rate, 0, maxRate},
		limits{"load", c.Load, 0, maxShare},
		limits{"hot_share", c.HotShare, 0, 1},
		limits{"zipf_exponent", c.Zipf, 0, maxShare},
		limits{"overload", c.Overload, 0, maxShare},
	); err != nil {
		return err
	}
	return firstOutside(
		bounds{"producers", int64(c.Producers), 1, maxProducers},
		bounds{"payload_bytes", int64(c.Payload), 0, maxParameter},
		bounds{"capacity", int64(c.Capacity), 0, maxParameter},
		bounds{"lanes", int64(c.Lanes), 0, maxParameter},
		bounds{"send_batch", int64(c.SendBatch), 1, maxParameter},
		bounds{"recv_batch", int64(c.RecvBatch), 1, maxParameter},
		bounds{"batch_deadline_ns", c.BatchDeadlineNs, 0, maxNs},
		bounds{"messages", c.Messages, 0, maxCount},
		bounds{"duration_ns", c.DurationNs, 0, maxNs},
		bounds{"gomaxprocs", int64(c.GOMAXPROCS), 1, maxProducers},
		bounds{"consumer_cost_ns", c.ConsumerCostNs, 0, maxNs},
		bounds{"batch_cost_ns", c.BatchCostNs, 0, maxNs},
		bounds{"burst_period_ns", c.BurstPeriodNs, 0, maxNs},
		bounds{"pause_ns", c.PauseNs, 0, maxNs},
		bounds{"pause_every_msgs", c.PauseEvery, 0, maxCount},
		bounds{"stall_ns", c.StallNs, 0, maxNs},
		bounds{"stall_every_ns", c.StallEveryNs, 0, maxNs},
		bounds{"busy", int64(c.Busy), 0, maxProducers},
	)
}

// validateChoices reports the first word of a cell that is none of those it may be.
func (c *Cell) validateChoices() error {
	for _, choice := range []struct {
		name, value string
		of          []string
	}{
		{"kind of cell", c.Kind, []string{KindSearch, KindProbe}},
		{"item", c.Item, Items()},
		{"allocation", c.Allocation, Allocations()},
		{"capacity_of", c.CapacityOf, CapacityCounts()},
		{"cost_kind", c.CostKind, CostKinds()},
		{"sink", c.Sink, Sinks()},
		{"sink_write", c.SinkWrite, SinkWrites()},
		{"sink_frame", c.SinkFrame, SinkFrames()},
		{"busy_kind", c.BusyKind, BusyKinds()},
	} {
		if choice.value != "" && !slices.Contains(choice.of, choice.value) {
			return fmt.Errorf("unknown %s %.40q; one of %q", choice.name, choice.value, choice.of)
		}
	}
	return nil
}

// CheckMachine reports what is wrong with the name of a machine.
func CheckMachine(name string) error { return checkName("machine", name) }

// checkName keeps names to what is safe in a file name, a benchmark name, a
// histogram tag and a table.
func checkName(what, name string) error {
	if name == "" || len(name) > MaxNameBytes {
		return fmt.Errorf("%s %.*q must have 1 to %d characters", what, MaxNameBytes, name, MaxNameBytes)
	}
	for _, r := range name {
		if !isNameRune(r) {
			return fmt.Errorf("%s %q may hold letters, digits and -_.+ only", what, name)
		}
	}
	return nil
}

func isNameRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.+", r)
}

// checker checks the trials of one run: each alone, and against its manifest
// and the trials before it.
type checker struct {
	reps  int
	cells map[Cell]*Cell      // to that of the manifest
	seen  map[repetition]bool // whether the last trial of each failed: such a one may be measured again
}

type repetition struct {
	cell  *Cell // of the manifest
	block int
}

func newChecker(m *Manifest) *checker {
	c := &checker{reps: m.Reps, cells: map[Cell]*Cell{}, seen: map[repetition]bool{}}
	for i, cell := range m.Cells {
		c.cells[cell] = &m.Cells[i]
	}
	return c
}

func (c *checker) repetition(t *Trial) repetition { return repetition{c.cells[t.Cell], t.Block} }

func (c *checker) add(t *Trial) { c.seen[c.repetition(t)] = t.Failure != nil }

func (c *checker) trial(t *Trial) error {
	if err := t.Cell.validate(); err != nil {
		return err
	}
	cell := c.cells[t.Cell]
	if cell == nil {
		return fmt.Errorf("its cell (%s) is not in the manifest", t.Cell)
	}
	if err := firstOutside(
		bounds{"block", int64(t.Block), 0, int64(c.reps) - 1},
		bounds{"position", int64(t.Position), 0, maxCells},
		bounds{"wall_ns", t.WallNs, 0, maxNs},
	); err != nil {
		return err
	}
	if failed, again := c.seen[repetition{cell, t.Block}]; again && !failed {
		return fmt.Errorf("it repeats block %d of the cell (%s)", t.Block, t.Cell)
	}
	if err := t.Memory.validate(); err != nil {
		return err
	}
	switch {
	case t.Failure == nil && t.Measurement == nil:
		return errors.New("it has neither a measurement nor a failure")
	case t.Failure != nil && t.Measurement != nil:
		return errors.New("it has both a measurement and a failure")
	case t.Failure != nil:
		return t.Failure.validate()
	default:
		return cmp.Or(t.Measurement.Validate(), t.Measurement.Suits(t.Cell), checkQuantities(t))
	}
}

func failureKinds() []FailureKind {
	return []FailureKind{FailurePanic, FailureTimeout, FailureKilled, FailureMemory, FailureProtocol, FailureDelivery, FailurePromise, FailureError}
}

func (f *Failure) validate() error {
	if !slices.Contains(failureKinds(), f.Kind) {
		return fmt.Errorf("unknown failure kind %.40q; one of %v", string(f.Kind), failureKinds())
	}
	if !utf8.ValidString(f.Detail) {
		return errors.New("the failure's detail is not UTF-8")
	}
	return nil
}

// within is a value and the range that it must lie in: bounds of a whole number,
// limits of one that need not be.
type within[N int64 | float64] struct {
	name          string
	value, lo, hi N
}

type (
	bounds = within[int64]
	limits = within[float64]
)

func firstOutside[N int64 | float64](checks ...within[N]) error {
	for _, c := range checks {
		if inside := c.value >= c.lo && c.value <= c.hi; !inside { // as NaN is
			return outside(c.name, c.value, c.lo, c.hi)
		}
	}
	return nil
}

func outside[T, U int | int64 | float64](name string, value T, lo, hi U) error {
	return fmt.Errorf("%s %v is outside %v..%v", name, value, lo, hi)
}

// maxLabelBytes keeps a label to what a table has room for.
const maxLabelBytes = 100

// CheckLabel reports what is wrong with the label of a run: it is a line of text that
// can be seen.
func CheckLabel(label string) error {
	switch {
	case strings.TrimSpace(label) == "":
		return fmt.Errorf("label %.40q is empty", label)
	case len(label) > maxLabelBytes:
		return fmt.Errorf("label %.40q... has %d bytes; at most %d", label, len(label), maxLabelBytes)
	case strings.ContainsFunc(label, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }):
		return fmt.Errorf("label %q may hold printable characters only", label)
	}
	return nil
}

// validateLabel checks the label of a run that has one.
func (m *Manifest) validateLabel() error {
	if m.Label == "" {
		return nil
	}
	return CheckLabel(m.Label)
}
