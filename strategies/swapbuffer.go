package strategies

import (
	"reflect"
	"sync"
	"sync/atomic"
)

// swapSource is an unbounded fan-in over a swapBuffer, but for what wakes the consumer.
type swapSource[T any] struct {
	dropsNothing[T]
	// The lock and the slice are written by every send: where the allocator puts the
	// fan-in, and beside what, changed the throughput of four producers by a third.
	_       [padding]byte
	buffer  swapBuffer[T]
	_       [padding]byte
	trimmer trimmer
	keep    int
	lifecycle
}

func (f *swapSource[T]) init() {
	f.keep = keepItems[T]()
	f.trimmer.trim = func() bool { return f.buffer.trim(f.keep) }
}

func (f *swapSource[T]) Backlog() int { return f.buffer.backlog() }

// Stats implements StatsKeeper.
func (f *swapSource[T]) Stats() Stats {
	s := f.withWaits(f.stats(f.Backlog()))
	s.Counted, s.WaitingKnown = true, true
	s.Accepted, s.Delivered = f.buffer.moved()
	return s
}

func (f *swapSource[T]) poll(buf []T) int {
	n, grown := f.buffer.take(buf, f.keep)
	if grown {
		f.trimmer.arm()
	}
	return n
}

// finish may tell the end by the backlog: all producers have closed, so nothing comes
// later, see push.
func (f *swapSource[T]) finish() bool {
	if f.Backlog() > 0 {
		return false
	}
	f.discard()
	return true
}

func (f *swapSource[T]) halt() {
	f.buffer.close()
	f.stop()
}

func (f *swapSource[T]) discard() {
	f.buffer.discard()
	f.trimmer.stop()
}

// swapBuffer is a pair of slices: producers append to one under a lock while
// the consumer drains the other, and when that is empty it swaps the two. The
// lock is held for an append or a swap, never for a drain, and the two slices
// are used over and over.
type swapBuffer[T any] struct {
	// Written by producers, and by the consumer once per swap.
	mu      sync.Mutex // guards what follows
	left    bool       // nothing is accepted, and nothing held, any more
	shut    bool       // nothing is accepted any more
	filling []T
	swapped uint64 // items that the consumer got by swaps so far
	peak    int    // most items that it got by one since the last trim

	// taken is how many items the consumer took of those swapped. It stores it at
	// the end of each take, and touches the slice again only once it holds mu if
	// they are all of them: who holds mu and finds that may take the slice away.
	taken atomic.Uint64

	// draining is nil before the first swap, and for good once left is true: a take
	// that runs beside discard keeps what it has loaded until it returns.
	draining atomic.Pointer[drained[T]]

	// Used by the consumer alone.
	head, rest int // the next item in the slice that is drained, and how many there are from it on
}

type drained[T any] struct{ items []T }

// push appends one item and reports whether the slice that it is in was empty, and false
// if the consumer or the producer has closed.
//
// closed is the producer's, stored without the lock and loaded with it: whoever takes
// the lock later than it was stored, and finds the buffer empty, knows that no push of
// that producer succeeds any more.
func (b *swapBuffer[T]) push(item T, closed *atomic.Bool) (first, ok bool) {
	b.mu.Lock()
	if b.left || b.shut || closed.Load() {
		b.mu.Unlock()
		return false, false
	}
	first = len(b.filling) == 0
	b.filling = append(b.filling, item)
	b.mu.Unlock()
	return first, true
}

// pushAll is push for several items.
func (b *swapBuffer[T]) pushAll(items []T, closed *atomic.Bool) (first, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left || b.shut || closed.Load() {
		return false, false
	}
	first = len(b.filling) == 0 && len(items) > 0
	b.filling = append(b.filling, items...)
	return first, true
}

// take moves items of the drained slice into buf, swapping first if it is
// empty, and returns how many. grown tells that the slice is drained now and has
// room for more than keep items, so that a trim is due.
func (b *swapBuffer[T]) take(buf []T, keep int) (n int, grown bool) {
	if b.rest == 0 {
		b.swap()
	}
	d := b.draining.Load()
	if d == nil || b.rest == 0 {
		return 0, false
	}
	n = take(buf, d.items[b.head:])
	b.head += n
	b.rest -= n
	grown = b.rest == 0 && cap(d.items) > keep
	b.taken.Store(b.taken.Load() + uint64(n))
	return n, grown
}

// take moves items from one slice to another and returns how many. What they point to
// is the caller's then. One item is not worth two calls.
func take[T any](buf, from []T) int {
	if len(buf) == 1 && len(from) > 0 {
		var none T
		buf[0], from[0] = from[0], none
		return 1
	}
	n := copy(buf, from)
	clear(from[:n])
	return n
}

// swap exchanges the slices. The drained one is empty.
func (b *swapBuffer[T]) swap() {
	b.mu.Lock()
	if len(b.filling) == 0 || b.left {
		b.mu.Unlock()
		return
	}
	d := b.draining.Load()
	if d == nil {
		d = new(drained[T])
		b.draining.Store(d)
	}
	b.filling, d.items = d.items[:0], b.filling
	n := len(d.items)
	b.swapped += uint64(n)
	b.peak = max(b.peak, n)
	b.mu.Unlock()
	b.head, b.rest = 0, n
}

// backlog returns how many items are in both slices. Anyone may ask.
func (b *swapBuffer[T]) backlog() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left {
		return 0
	}
	return len(b.filling) + int(b.swapped-b.taken.Load())
}

// moved returns how many items came, and how many of them were taken. Anyone may ask.
func (b *swapBuffer[T]) moved() (came, taken uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	taken = b.taken.Load()
	return b.swapped + uint64(len(b.filling)), taken
}

// trim gives back slices with room for more than keep items that were not used
// since the last trim, or used for little. It reports whether it left any that may
// be due at the next. Anyone may call it.
//
// A slice that is not empty is none of them: it is to be drained, and take tells
// then that it has grown.
func (b *swapBuffer[T]) trim(keep int) (more bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	used := max(b.peak, len(b.filling))
	b.peak = 0
	unused := func(slice []T) bool {
		if cap(slice) <= keep {
			return false
		}
		// Four times: an append makes room for twice as much, and no two bursts are alike.
		unused := cap(slice)/4 > used
		more = more || !unused
		return unused
	}
	if d := b.draining.Load(); d != nil && b.swapped == b.taken.Load() && unused(d.items) {
		d.items = nil
	}
	if len(b.filling) <= keep && unused(b.filling) {
		b.filling = append([]T(nil), b.filling...) // nil if empty
	}
	return more
}

// close makes every later push fail. Anyone may call it.
func (b *swapBuffer[T]) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shut = true
}

// discard throws everything away and makes every later push fail. Anyone may call
// it, beside a take, at any time.
func (b *swapBuffer[T]) discard() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = true
	b.swapped += uint64(len(b.filling)) // they came
	b.filling = nil
	b.draining.Store(nil)
}

// keepBytes is how much memory a buffer keeps when it is trimmed: as much as a
// trickle never fills.
const keepBytes = 64 << 10

// itemsIn returns how many items of type T so many bytes hold, one at least.
func itemsIn[T any](bytes int) int {
	return max(1, bytes/max(1, int(reflect.TypeFor[T]().Size())))
}

// keepItems returns keepBytes in items of type T: a trickle of larger ones is no burst.
func keepItems[T any]() int { return itemsIn[T](keepBytes) }
