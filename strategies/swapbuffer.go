package strategies

import (
	"reflect"
	"sync"
	"sync/atomic"
)

// swapBuffer is a pair of slices: producers append to one under a lock while
// the consumer drains the other, and when that is empty it swaps the two. The
// lock is held for an append or a swap, never for a drain, and the two slices
// are used over and over.
type swapBuffer[T any] struct {
	// Written by producers, and by the consumer once per swap.
	mu      sync.Mutex
	left    bool // the consumer has closed
	filling []T

	// held is len(draining)-head for those who ask for the backlog; written by
	// the consumer, once per take and once per swap.
	held atomic.Int64

	// Used by the consumer alone.
	draining []T
	head     int
}

// push appends one item and reports false if the consumer has left.
func (b *swapBuffer[T]) push(item T) bool {
	b.mu.Lock()
	if b.left {
		b.mu.Unlock()
		return false
	}
	b.filling = append(b.filling, item)
	b.mu.Unlock()
	return true
}

// pushAll appends the items and reports false if the consumer has left.
func (b *swapBuffer[T]) pushAll(items []T) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left {
		return false
	}
	b.filling = append(b.filling, items...)
	return true
}

// rest returns how many items of the drained slice are still to be taken.
func (b *swapBuffer[T]) rest() int { return len(b.draining) - b.head }

// take moves items of the drained slice into buf, swapping first if it is
// empty, and returns how many.
func (b *swapBuffer[T]) take(buf []T) int {
	if b.rest() == 0 {
		b.mu.Lock()
		b.filling, b.draining = b.draining[:0], b.filling
		b.held.Store(int64(len(b.draining))) // under the lock: whoever asks for the backlog finds them in one or the other
		b.mu.Unlock()
		b.head = 0
	}
	n := copy(buf, b.draining[b.head:])
	if n > 0 {
		clear(b.draining[b.head : b.head+n]) // what the items point to is the caller's now
		b.head += n
		b.held.Store(int64(b.rest()))
	}
	return n
}

// backlog returns how many items are in both slices. Anyone may ask.
func (b *swapBuffer[T]) backlog() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.filling) + int(b.held.Load())
}

// outgrown reports whether the slice being drained holds more than keep items:
// after a burst it is the one that grew.
func (b *swapBuffer[T]) outgrown(keep int) bool { return cap(b.draining) > keep }

// trim gives back slices that hold more than keep items and are empty.
func (b *swapBuffer[T]) trim(keep int) {
	if b.rest() == 0 && cap(b.draining) > keep {
		b.draining, b.head = nil, 0
	}
	b.mu.Lock()
	if len(b.filling) == 0 && cap(b.filling) > keep {
		b.filling = nil
	}
	b.mu.Unlock()
}

// discard throws everything away and makes every later push fail.
func (b *swapBuffer[T]) discard() {
	b.mu.Lock()
	b.left = true
	b.filling = nil
	b.mu.Unlock()
	b.draining, b.head = nil, 0
	b.held.Store(0)
}

// keepBytes is how much memory a buffer keeps when it is trimmed: as much as a
// trickle never fills, and little enough to have per lane.
const keepBytes = 64 << 10

// keepItems returns keepBytes in items of type T, one at least: a trickle of
// items that large is no burst.
func keepItems[T any]() int {
	return max(1, keepBytes/max(1, int(reflect.TypeFor[T]().Size())))
}
