package strategies

var chanUnbufferedDescriptor = Descriptor{
	Name:   "chan-unbuffered",
	Doc:    "one channel without a buffer: each send waits for its receive",
	Family: FamilyChannels,
	Source: "https://go.dev/ref/spec#Channel_types",
	Order:  OrderGlobal,
	Bound:  Rendezvous,
	Wait:   "parks in the channel's queue at once",
	Without: map[Extra]string{
		ExtraReady: "an item is there only while its send waits, and who waits cannot tell that it does",
	},
}

var chanUnbufferedStrategy = Strategy{
	Descriptor: chanUnbufferedDescriptor,
	Word:       NewChanUnbuffered[Word],
	Message:    NewChanUnbuffered[Message],
	Blocks:     Blocks{NewChanUnbuffered[Block64], NewChanUnbuffered[Block1K], NewChanUnbuffered[Block16K], nil},
}

// NewChanUnbuffered returns a fan-in over one channel without a buffer, what
// make(chan T) gives: a send hands its item to the consumer and returns when it
// has been received, so nothing ever waits but the senders. Each item costs both
// sides the channel's lock and most cost a sender its turn on the processor.
//
// It loses to a buffer of even a few items wherever producers have anything to
// do but wait. It wins where a send must mean that the consumer has the item.
// TrySend succeeds only while the consumer waits in Recv, TryRecv only while a
// producer waits in a send.
//
// Block is its only policy: under the others everything that comes while the
// consumer is at work would be lost, and there is no oldest item to drop.
//
// NewChanUnbuffered panics with the error of [Options.Validate] if there is one. Code
// that calls it with items of 64 KiB or more does not compile: see [NewChan].
func NewChanUnbuffered[T any](o Options) FanIn[T] {
	o.MustSuit(chanUnbufferedDescriptor) // of which no option is left
	f := newChan[T](Options{})
	f.consumer.shared = true // the channel's length, always 0, does not tell what is there
	return chanUnbuffered[T]{f}
}

// chanUnbuffered has no Ready: an item is there only while its send waits, and who waits
// cannot tell that it does.
type chanUnbuffered[T any] struct{ *chanFanIn[T] }

func (f chanUnbuffered[T]) Consumer() Consumer[T] { return &f.consumer.chanConsumer }
