package results

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/fanin-bench/fanin-bench/results/units"
)

// Whose saturation rate a load is a share of.
const (
	LoadOfOwn      = "own"      // each strategy's own; absent in a cell
	LoadOfBaseline = "baseline" // that of the run's baseline, so that all are offered the same
)

// LoadsOf lists them.
func LoadsOf() []string { return []string{LoadOfOwn, LoadOfBaseline} }

// How messages arrive at the producers.
const (
	// ArrivalClosed is the closed loop: each producer sends its next item as
	// soon as the last send returned. It measures throughput.
	ArrivalClosed = "closed"
	// ArrivalConstant, ArrivalPoisson and ArrivalBurst are open loops: messages
	// are due at times that do not depend on how the fan-in is doing.
	ArrivalConstant = "constant" // equal gaps; the producers' are offset evenly
	ArrivalPoisson  = "poisson"  // independent, exponentially distributed gaps
	ArrivalBurst    = "burst"    // everything due in a period at its start
)

// Arrivals lists every way to arrive.
func Arrivals() []string {
	return []string{ArrivalClosed, ArrivalConstant, ArrivalPoisson, ArrivalBurst}
}

// MinPayload is the least payload of a message in bytes: that of the bare word, which
// carries nothing else.
const MinPayload = 8

// How a message's payload is carried.
const (
	ItemPointer = "pointer" // the item points to it; a cell says so by absence
	ItemValue   = "value"   // it lies in the item and is copied with it
)

// Items lists how a payload may be carried.
func Items() []string { return []string{ItemPointer, ItemValue} }

// Where a payload that is pointed to comes from.
const (
	AllocationSlab  = "slab"  // cut from 64 KiB that its producer allocates at a time; a cell says so by absence
	AllocationFresh = "fresh" // allocated by itself
)

// SlabBytes is how much payload a producer allocates at a time, at least, unless its cell
// says otherwise: with one allocation per message the allocator would be measured.
const SlabBytes = 64 << 10

// Allocations lists where a payload may come from.
func Allocations() []string { return []string{AllocationSlab, AllocationFresh} }

// What the capacity of a cell counts, whatever the strategy itself bounds: it is
// divided among the producers or added up over them, so that strategies that
// bound different things can be given the same.
const (
	CapacityPerProducer = "producer"
	CapacityInTotal     = "total"
)

// CapacityCounts lists what a capacity may be said to count.
func CapacityCounts() []string { return []string{CapacityPerProducer, CapacityInTotal} }

// What a consumer does while a message or a batch costs it time.
const (
	CostSpin  = "spin"  // it keeps its processor busy: computing; a cell says so by absence
	CostSleep = "sleep" // it leaves the processor to others: waiting for I/O
)

// CostKinds lists them.
func CostKinds() []string { return []string{CostSpin, CostSleep} }

// Where a consumer writes what it received.
const (
	SinkDiscard = "discard"
	SinkTCP     = "tcp"
	SinkUnix    = "unix"
	SinkFile    = "file"
)

// sinks is the table of sinks. A cell says discard by absence; package harness/trial/sink
// opens the others.
var sinks = []struct{ name, about string }{
	{SinkDiscard, "nothing is written"},
	{SinkTCP, "over the loopback, to a server that checks every byte"},
	{SinkUnix, "the same over a Unix socket"},
	{SinkFile, "temporary, synced after each receive, checked at the end"},
}

// Sinks lists them.
func Sinks() []string {
	var names []string
	for _, s := range sinks {
		names = append(names, s.name)
	}
	return names
}

// sinkTable lists the sinks with what they are, for help.
func sinkTable() string {
	var parts []string
	for _, s := range sinks {
		parts = append(parts, fmt.Sprintf("%s (%s)", s.name, s.about))
	}
	return strings.Join(parts, ", ")
}

// Through what the producers send.
const (
	SharingHandle = "handle" // each opens one for its life; a cell says so by absence
	SharingOpen   = "open"   // each lives on, and opens one for every few items
	SharingShared = "shared" // all use one Sender
)

// Sharings lists them.
func Sharings() []string { return []string{SharingHandle, SharingOpen, SharingShared} }

// How a producer sends several items in one step.
const (
	SendByCall   = "call"   // it collects them itself and sends them; a cell says so by absence
	SendByWriter = "writer" // it puts each into a Writer, which collects them
)

// SendsBy lists them.
func SendsBy() []string { return []string{SendByCall, SendByWriter} }

// How a consumer receives.
const (
	RecvByCall   = "call"   // into a buffer of its own; a cell says so by absence
	RecvByReader = "reader" // one item at a time from a Reader, which reads ahead
	RecvByReady  = "ready"  // until there is nothing, and then waits for Ready in a select
)

// RecvsBy lists them.
func RecvsBy() []string { return []string{RecvByCall, RecvByReader, RecvByReady} }

// How much a consumer writes to its sink at a time, and what of each message.
const (
	WriteMessage = "message" // one write for each message
	WriteBatch   = "batch"   // one write for all that a receive returned, or for each 4 MiB of it
	FrameItem    = "item"    // the whole message; a cell says so by absence
	FrameByte    = "byte"    // one byte: its place in its producer's sequence modulo 255
)

// SinkWrites lists how much may be written at a time.
func SinkWrites() []string { return []string{WriteMessage, WriteBatch} }

// SinkFrames lists what of a message may be written.
func SinkFrames() []string { return []string{FrameItem, FrameByte} }

// What becomes of a message, at worst, when a process that carries it ends suddenly.
const (
	DeliveryAtMostOnce  = "at most once"  // it may be lost
	DeliveryAtLeastOnce = "at least once" // it may be received twice
	DeliveryConfirmed   = "confirmed"     // it may be lost until its send is confirmed, and be received twice
)

// Deliveries lists them.
func Deliveries() []string {
	return []string{DeliveryAtMostOnce, DeliveryAtLeastOnce, DeliveryConfirmed}
}

// Surviving names whose sudden end costs no message that was confirmed; nobody's, of a
// strategy that says what it delivers.
func (s *Strategy) Surviving() string {
	if s.Delivery != "" && len(s.Survives) == 0 {
		return "nobody"
	}
	return strings.Join(s.Survives, ", ")
}

// What the processes of a trial do.
const (
	RoleProducer = "producer"
	RoleBroker   = "broker"
	RoleConsumer = "consumer"
)

// Roles lists them.
func Roles() []string { return []string{RoleProducer, RoleBroker, RoleConsumer} }

// The kinds of cell besides a load.
const (
	KindSearch = "search" // looks for the saturation rate
	KindProbe  = "probe"  // measures the fan-in at rest: see Probe
)

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

// payload writes the size of an item, or the mix of sizes.
func (c Cell) payload() string {
	if c.PayloadMix != "" {
		return strings.ReplaceAll(c.PayloadMix, "/", "-") // which separates parts of a benchmark's name
	}
	return units.Positive(c.Payload)
}

// capacityBytes writes the bound in bytes.
func (c Cell) capacityBytes() string {
	return strings.ReplaceAll(units.ExactBytes(int64(c.CapacityBytes)), " ", "")
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
