package strategies

import (
	"context"
	"iter"
)

// Reader takes items from a [Consumer] one at a time, or in a loop, at nearly the cost
// of batches: it reads ahead as much as is there, up to a buffer, and hands out what it
// has. What it has read ahead and not handed out yet survives a loop that ends early:
// the next call goes on with it, and Buffered counts it. It is in no backlog any more,
// and over a [Semaphore] it is in flight.
//
// A Reader belongs to one goroutine at a time. To close the consumer, in any goroutine,
// ends it: what it has read ahead it still hands out, then it returns ErrClosed.
type Reader[T any] struct {
	consumer Consumer[T]
	buf      []T
	rest     []T // of buf, what is not handed out yet
}

// readAhead is how many items a Reader reads ahead at most, fewer if they are large: at
// 256 what a receive costs besides its items is lost among them.
const readAhead = 256

// NewReader returns a Reader over a consumer. A nil consumer panics.
func NewReader[T any](consumer Consumer[T]) *Reader[T] {
	if consumer == nil {
		panic("strategies: nil consumer")
	}
	return &Reader[T]{consumer: consumer, buf: make([]T, min(readAhead, keepItems[T]()))}
}

// Next returns the next item and waits for it. Errors are those of [Consumer]: io.EOF
// after the end, ErrClosed after Close.
func (r *Reader[T]) Next() (T, error) {
	if len(r.rest) == 0 {
		n, err := r.consumer.Recv(r.buf)
		if err != nil {
			var none T
			return none, err
		}
		r.rest = r.buf[:n]
	}
	return r.take(), nil
}

// take hands out an item; there is one. What it refers to is the caller's then.
func (r *Reader[T]) take() T {
	var none T
	item := r.rest[0]
	r.rest[0] = none
	r.rest = r.rest[1:]
	return item
}

// NextContext is Next that stops waiting when ctx is done and then returns ctx.Err(). A
// context that is already done takes nothing.
func (r *Reader[T]) NextContext(ctx context.Context) (T, error) {
	err := contextErr(ctx)
	if err == nil && len(r.rest) == 0 {
		err = r.fill(ctx)
	}
	if err != nil {
		var none T
		return none, err
	}
	return r.take(), nil
}

// fill reads ahead, and waits for at least one item.
func (r *Reader[T]) fill(ctx context.Context) error {
	n, err := r.consumer.RecvContext(ctx, r.buf)
	r.rest = r.buf[:n]
	return err
}

// All returns the items in a loop, which ends when all is received and every producer
// has closed, when the consumer has closed, or when ctx is done. Next tells which: its
// error comes again. A loop that breaks may be followed by another.
func (r *Reader[T]) All(ctx context.Context) iter.Seq[T] {
	return func(yield func(T) bool) {
		if contextErr(ctx) != nil {
			return
		}
		for done := ctx.Done(); ; {
			if len(r.rest) == 0 && r.fill(ctx) != nil {
				return
			}
			select {
			case <-done:
				return
			default:
			}
			if !yield(r.take()) {
				return
			}
		}
	}
}

// Batches returns the items in a loop like All, as many at a time as are there. A batch
// is the loop's until it asks for the next, or breaks: it counts as handed out.
func (r *Reader[T]) Batches(ctx context.Context) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for contextErr(ctx) == nil {
			if len(r.rest) == 0 && r.fill(ctx) != nil {
				return
			}
			batch := r.rest
			r.rest = nil
			more := yield(batch)
			clear(batch)
			if !more {
				return
			}
		}
	}
}

// Buffered returns how many items are read ahead and not handed out.
func (r *Reader[T]) Buffered() int { return len(r.rest) }
