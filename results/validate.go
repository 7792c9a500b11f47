package results

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fanin-bench/fanin-bench/results/sizes"
	"github.com/fanin-bench/fanin-bench/results/units"
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
	if len(m.Cells) < 1 || len(m.Cells) > maxCells {
		return outside("number of cells", len(m.Cells), 1, maxCells)
	}
	if sides := []string{SideBase, SideNew}; m.Pair != nil && !slices.Contains(sides, m.Pair.Side) {
		return fmt.Errorf("unknown side of a pair %.40q; one of %q", m.Pair.Side, sides)
	}
	if err := cmp.Or(m.validateReps(), m.validateLabel(), m.validateExpect()); err != nil {
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
	for _, p := range declared {
		if field, word, unknown := p.Unknown(*c); unknown {
			return fmt.Errorf("unknown %s %.40q; one of %q", cmp.Or(nounInFiles[p.Name], p.Names()[field]), word, p.Words)
		}
		if e := p.Outside(*c); e != nil {
			return fmt.Errorf("%s %v is outside %v..%v", p.Names()[e.Field], e.Value, e.Least, e.Most)
		}
		if name, ok := p.Fields(c)[0].(*string); ok && *name != "" {
			if err := checkName(p.Name, *name); err != nil {
				return err
			}
		}
	}
	for _, p := range declared {
		if p.Check == nil {
			continue
		}
		if err := p.Check(*c); err != nil {
			return err
		}
	}
	return nil
}

// nounInFiles is what a parameter's word is called where its field's name says little.
var nounInFiles = map[string]string{"kind": "kind of cell"}

func checkArrival(c Cell) error {
	if c.Arrival == "" {
		return FieldErrorf("arrival", "it is missing (one of %s)", strings.Join(Arrivals(), ", "))
	}
	return nil
}

// maxOffered bounds the messages of an open loop, whose schedule is gone through
// beforehand.
const maxOffered = 1e10

// checkRate reports what an open loop cannot offer.
func checkRate(c Cell) error {
	switch {
	case !c.IsOpen():
		return nil
	case c.Rate == 0 && c.Load == 0:
		return FieldErrorf("rate", "an open loop needs a rate")
	case c.Load == 0 && !(c.Rate >= units.LeastRate && c.Rate <= units.MostRate):
		return FieldErrorf("rate", "%v is not in %v..%v messages per second", c.Rate, units.LeastRate, units.MostRate)
	case c.Rate*float64(c.DurationNs)/1e9 > maxOffered:
		return FieldErrorf("rate", "%v for %v are more than %d messages", c.Rate, time.Duration(c.DurationNs), int64(maxOffered))
	}
	return nil
}

func checkOverload(c Cell) error {
	if c.Overload != 0 && !(c.Overload > 1 && c.Overload <= mostOverload) {
		return FieldErrorf("overload", "%v is not above 1 and at most %v", c.Overload, mostOverload)
	}
	return nil
}

// checkShares reports how a load cannot be shared out.
func checkShares(c Cell) error {
	switch {
	case !(c.HotShare >= 0 && c.HotShare < 1):
		return FieldErrorf("hot-share", "%v is not a share from 0 to below 1", c.HotShare)
	case c.HotShare > 0 && c.Zipf > 0:
		return FieldErrorf("zipf", "an exponent of %v and a hot share of %v contradict each other: give one of them", c.Zipf, c.HotShare)
	}
	return nil
}

func checkBursts(c Cell) error {
	if c.BurstPeriodNs > 0 && c.Arrival != ArrivalBurst {
		return FieldErrorf("burst-period", "arrival %q has no bursts", c.Arrival)
	}
	return nil
}

func checkPause(c Cell) error {
	switch {
	case (c.PauseNs > 0) != (c.PauseEvery > 0):
		return FieldErrorf("pause", "%v after %d messages is not a pause: give a duration and a count", time.Duration(c.PauseNs), c.PauseEvery)
	case c.PauseNs > 0 && c.Arrival != ArrivalClosed:
		return FieldErrorf("pause", "only producers of closed loops pause: an open loop sends each message when it is due")
	}
	return nil
}

// checkSharing reports what producers cannot have that share a Sender or change handles.
func checkSharing(c Cell) error {
	switch {
	case c.Sharing == SharingOpen && c.Lifetime == 0:
		return FieldErrorf("lifetime", "sharing %q needs the number of items for which a handle is open", c.Sharing)
	case c.Sharing == SharingShared && c.SendBatch > 1:
		return FieldErrorf("sharing", "a Sender sends single items, not %d at a time", c.SendBatch)
	case !c.KeepsHandles() && !c.Stages.IsZero():
		return FieldErrorf("sharing", "the producers of a pipeline have a handle each for their life")
	}
	return nil
}

// checkProcesses reports where a process would have no producer.
func checkProcesses(c Cell) error {
	if c.Processes > c.Producers {
		return FieldErrorf("processes", "%d are more than the %d producers that they would share", c.Processes, c.Producers)
	}
	return nil
}

// checkMix reports what a mix of sizes cannot be, or cannot go with.
func checkMix(c Cell) error {
	if c.PayloadMix == "" {
		return nil
	}
	mix, err := sizes.Parse(c.PayloadMix)
	switch {
	case err != nil:
		return &FieldError{Field: "payload", Err: err}
	case mix.Mean() != c.Payload:
		return FieldErrorf("payload", "%s has a mean of %d bytes, not %d", c.PayloadMix, mix.Mean(), c.Payload)
	case c.Payload <= MinPayload:
		return FieldErrorf("payload", "%s has a mean of %d bytes; want more than %d", c.PayloadMix, c.Payload, MinPayload)
	case c.Item != "":
		return FieldErrorf("item", "an item holds payloads of one size, not %s", c.PayloadMix)
	case c.Sink != "":
		return FieldErrorf("sink", "a sink takes payloads of one size, not %s", c.PayloadMix)
	case !c.Stages.IsZero():
		return FieldErrorf("stages", "a pipeline takes payloads of one size, not %s", c.PayloadMix)
	}
	return nil
}

// checkWriter reports what producers cannot have that put items into a Writer.
func checkWriter(c Cell) error {
	switch {
	case c.SendBy != SendByWriter:
	case c.IsOpen():
		return FieldErrorf("send-by", "an open loop sends each message when it is due: a Writer would keep it")
	case !c.KeepsHandles():
		return FieldErrorf("send-by", "a Writer needs a producer that has a handle for its life")
	}
	return nil
}

// checkReader reports what a consumer cannot have that takes items from a Reader, or waits
// for Ready.
func checkReader(c Cell) error {
	deadlineOrStages := c.BatchDeadlineNs > 0 || !c.Stages.IsZero()
	switch {
	case c.RecvBy == RecvByReady && deadlineOrStages:
		return FieldErrorf("recv-by", "a consumer that waits for Ready collects nothing for a deadline, and is no stage of a pipeline")
	case c.RecvBy != RecvByReader:
	case deadlineOrStages:
		return FieldErrorf("recv-by", "a Reader collects nothing for a deadline, and is no stage of a pipeline")
	case c.RecvBatch > 1:
		return FieldErrorf("recv-by", "a Reader hands out one item at a time, not %d", c.RecvBatch)
	}
	return nil
}

// checkConsumer reports what the consumer of a pipeline cannot have.
func checkConsumer(c Cell) error {
	if !c.Stages.IsZero() && c.ConsumerCostNs+c.BatchCostNs > 0 {
		return FieldErrorf("consumer-cost", "it contradicts the stages %s, whose last one is the consumer", c.Stages)
	}
	return nil
}

// checkWindow reports with what there can be no replies: somebody would wait for one for
// ever, or a send would be more than a message.
func checkWindow(c Cell) error {
	switch {
	case c.Window == 0:
		return nil
	case !c.IsClosed():
		return FieldErrorf("window", "only producers of closed loops wait for replies: an open loop sends each message when it is due")
	case c.Policy != "" && c.Policy != blockPolicy:
		return FieldErrorf("window", "under policy %q messages are lost or rejected, and those have no reply", c.Policy)
	case c.SendBatch > 1:
		return FieldErrorf("window", "a producer that waits for replies sends one message at a time, not %d", c.SendBatch)
	case c.SendBy == SendByWriter:
		return FieldErrorf("window", "a message that a Writer keeps has no reply yet")
	case c.Item == ItemValue:
		return FieldErrorf("window", "messages with a reply carry no payload by value")
	}
	return nil
}

// blockPolicy is the name of the policy under which sends wait for room.
const blockPolicy = "block"

func checkMesh(c Cell) error {
	switch {
	case c.Mesh == 0:
		return nil
	case c.Window == 0:
		return FieldErrorf("mesh", "%d fan-ins that send to each other need a window: full ones would wait for each other for ever", c.Mesh)
	case !c.KeepsHandles():
		return FieldErrorf("mesh", "the producers of a mesh have a handle each for their life")
	case !c.Stages.IsZero():
		return FieldErrorf("mesh", "it contradicts the stages %s: a message passes either a mesh or a pipeline", c.Stages)
	}
	return nil
}

func checkStages(c Cell) error {
	if _, err := ParseStages(c.Stages.String()); err != nil {
		return &FieldError{"stages", err}
	}
	return nil
}

// checkBusy reports what a cell with or without neighbours cannot have.
func checkBusy(c Cell) error {
	switch {
	case c.BusyKind != "" && c.Busy == 0:
		return FieldErrorf("busy-kind", "%q needs busy above 0", c.BusyKind)
	case c.Busy > 0 && c.Kind == KindProbe:
		return FieldErrorf("busy", "the probe needs a fan-in at rest, without %d neighbours", c.Busy)
	}
	return nil
}

func checkSendBatch(c Cell) error {
	if c.IsOpen() && c.SendBatch != 1 {
		return FieldErrorf("send-batch", "an open loop sends each message when it is due, not %d at a time", c.SendBatch)
	}
	return nil
}

func checkThreads(c Cell) error {
	if c.GOMAXPROCS == 0 {
		return FieldErrorf("gomaxprocs", "0 threads are too few")
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
