package strategies

import "slices"

// Descriptor tells what a strategy promises beyond, or short of, the contract.
// Everything that names strategies - lists, flags, tables, figures - derives
// from it.
type Descriptor struct {
	// Name is the strategy's name on the command line: lower case, dashes.
	Name string
	// Doc is one sentence: how it works.
	Doc string
	// Family is what it is built on, to find it by; empty if that has no name.
	Family Family
	// Source is where the algorithm comes from: a URL or a citation.
	Source string
	// Order and Bound are as their types say.
	Order Order
	Bound Bound
	// SharesProducer says that the goroutines of a Sender share one producer, so that
	// what they send arrives in the order sent. With OrderGlobal it does anyway.
	SharesProducer bool
	// Policies are the overflow policies offered besides Block, which only a
	// lossy strategy does not offer.
	Policies []Policy
	// Lanes says that Options.Lanes is honoured.
	Lanes bool
	// Wait tells how the consumer waits when there is nothing. It decides
	// rankings, so it is stated.
	Wait string
	// Allocates says why sends or receives allocate in steady state; empty
	// means that they do not.
	Allocates string
	// Scans says why a receive takes the longer the more producers are open;
	// empty means that it does not. The conformance kit sends fewer items then.
	Scans string
	// Batch says that SendBatch hands several items over in one step; without
	// it, it is a loop of single sends.
	Batch bool
	// Lossy marks a strategy that overwrites rather than wait: it offers the
	// policies above only, not Block, and the first of them is its default.
	Lossy bool
	// Module is the module@version of the queue that a peer's adapter is about.
	// It is empty for strategies that are their own implementation.
	Module string
	// Unbuildable says why a strategy is listed and cannot be run. Its
	// constructors are nil.
	Unbuildable string
	// Floor marks the harness floor: it carries no items, only counts them.
	Floor bool
	// Delivery says what becomes of a message, at worst, when a process that carries it
	// ends suddenly, and Survives which of producer, broker and consumer may end so
	// without the loss of a confirmed one. Both are empty for strategies within a process.
	Delivery string
	Survives []string
	// Processes says that the producers can be shared out among processes.
	Processes bool
	// Lacks names the promises that the strategy cannot keep and why. It is
	// for adapters over queues that others wrote, and for [NewChanBare].
	Lacks map[Promise]string
	// Without names what the strategy could have beyond the contract and has not, and
	// why. The others of this package have it.
	Without map[Extra]string
}

// Extra is what a fan-in or its consumer may have beyond the contract, by an interface
// that is optional.
type Extra string

// The extras.
const (
	ExtraStop      Extra = "Stop"      // see [Stopper]
	ExtraReady     Extra = "Ready"     // see [Readier]
	ExtraOnDrop    Extra = "OnDrop"    // see [DropObserver]
	ExtraStats     Extra = "Stats"     // see [StatsKeeper]
	ExtraTimeWaits Extra = "TimeWaits" // see [WaitTimer]
)

// Extras lists every extra.
func Extras() []Extra { return []Extra{ExtraStop, ExtraReady, ExtraOnDrop, ExtraStats, ExtraTimeWaits} }

// Family is what a strategy is built on. It promises nothing.
type Family string

// The families of this package. Others may be named by whoever adds strategies.
const (
	FamilyChannels Family = "channels"
	FamilyLocks    Family = "locks"
	FamilyLockFree Family = "lock-free"
	FamilyLanes    Family = "lanes"
)

// Offers reports whether the strategy can run under policy p.
func (d Descriptor) Offers(p Policy) bool { return slices.Contains(d.policies(), p) }

// DefaultPolicy returns the policy of those who name none: Block, if offered.
func (d Descriptor) DefaultPolicy() Policy { return d.policies()[0] }

func (d Descriptor) policies() []Policy {
	if d.Lossy {
		return d.Policies
	}
	return append([]Policy{Block}, d.Policies...)
}

// Keeps reports whether the strategy keeps promise p.
func (d Descriptor) Keeps(p Promise) bool {
	_, lacks := d.Lacks[p]
	return !lacks
}

// Constructor builds a fan-in. The options have been validated.
type Constructor[T any] func(Options) FanIn[T]

// Strategy is a fan-in algorithm that the suite can run: its descriptor and
// its constructor for each of the two item types that drive the harness. With
// a generic constructor New that is
//
//	strategies.Strategy{Descriptor: d, Word: New[strategies.Word], Message: New[strategies.Message]}
//
// Blocks and Weighed may be left out.
type Strategy struct {
	Descriptor
	Word    Constructor[Word]
	Message Constructor[Message]
	Blocks  Blocks
	// Weighed is what a bound by weight goes over: see [NewWeighted].
	Weighed Constructor[Weighed[Message]]
}

// Blocks is a strategy's constructors for items that carry their payload in
// themselves. Those that are nil are not offered: there are no Go channels of
// items of 64 KiB, for one.
type Blocks struct {
	Block64  Constructor[Block64]
	Block1K  Constructor[Block1K]
	Block16K Constructor[Block16K]
	Block64K Constructor[Block64K]
}

// All returns every strategy of this package, in the order of tables, colours
// and legends. New ones go at the end of their family; the order of the rest
// stays, so that a strategy keeps its colour.
func All() []Strategy {
	return []Strategy{
		nullStrategy,
		chanStrategy,
		chanUnboundedStrategy,
		chanUnbufferedStrategy,
		chanMergeStrategy,
		chanSelectStrategy,
		chanBatchStrategy,
		chanBareStrategy,
		mutexSwapStrategy,
		mutexCondStrategy,
		semaphoreStrategy,
		ipQueueStrategy,
		mpscRingStrategy,
		mpscLinkedStrategy,
		lanesStrategy,
		lanesRingStrategy,
		lanesLinkedStrategy,
	}
}
