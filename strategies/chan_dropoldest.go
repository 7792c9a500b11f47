package strategies

// chanDropOldest is a fan-in over channels under DropOldest: a sender that finds
// its channel full receives the oldest item itself and throws it away. Items
// travel with their producer's drop counter so that a drop is counted where it
// belongs; that doubles a small item, which is why the other policies do without.
type chanDropOldest[T any] struct {
	drops[T]
	inner    chanProducing[owned[T]]
	consumer chanDropOldestConsumer[T]
}

type chanDropOldestConsumer[T any] struct {
	taggedConsumer[T, *overflowCount]
}

// Ready is the inner consumer's: a TryRecv that finds nothing is one of it.
func (c *chanDropOldestConsumer[T]) Ready() <-chan struct{} { return c.inner.(Readier).Ready() }

// Stop is the inner consumer's.
func (c *chanDropOldestConsumer[T]) Stop() { c.inner.(Stopper).Stop() }

// chanProducing is a fan-in whose producers send to channels and fail where there is no room. Its
// consumer must know that it is not alone in receiving from them.
type chanProducing[T any] interface {
	FanIn[T]
	StatsKeeper
	WaitTimer
	producer() *chanProducer[T]
}

// owned is an item with its producer's count of dropped ones.
type owned[T any] = tagged[T, *overflowCount]

func newChanDropOldest[T any](inner chanProducing[owned[T]]) FanIn[T] {
	f := &chanDropOldest[T]{inner: inner}
	f.consumer.inner = inner.Consumer()
	return f
}

// Sender is as in [SenderOpener].
func (f *chanDropOldest[T]) Sender() Sender[T] { return f.Producer() }

func (f *chanDropOldest[T]) Producer() Producer[T] {
	p := &chanDropOldestProducer[T]{inner: f.inner.producer(), drops: &f.drops}
	p.neverWaits.sender = p
	return p
}

func (f *chanDropOldest[T]) Consumer() Consumer[T] { return &f.consumer }

func (f *chanDropOldest[T]) Backlog() int { return f.inner.Backlog() }

// Stats is the inner fan-in's, whose producers count.
func (f *chanDropOldest[T]) Stats() Stats { return f.inner.Stats() }

// TimeWaits implements WaitTimer.
func (f *chanDropOldest[T]) TimeWaits() { f.inner.TimeWaits() }

type chanDropOldestProducer[T any] struct {
	neverWaits[T]
	inner *chanProducer[owned[T]]
	drops *drops[T]
}

func (p *chanDropOldestProducer[T]) Send(item T) error {
	for {
		err := p.inner.Send(owned[T]{item, &p.inner.overflowed})
		if err != ErrFull {
			return err
		}
		select {
		case oldest, open := <-p.inner.items:
			if open {
				oldest.tag.add(1, &p.inner.drops.overflowCounts)
				p.drops.tell(oldest.item)
			}
		default: // somebody else made room
		}
	}
}

func (p *chanDropOldestProducer[T]) SendBatch(items []T) (int, error) {
	if len(items) == 0 {
		return 0, p.inner.closedErr()
	}
	return sendEach(items, p.Send)
}

func (p *chanDropOldestProducer[T]) Dropped() uint64 { return p.inner.Dropped() }

func (p *chanDropOldestProducer[T]) Close() { p.inner.Close() }
