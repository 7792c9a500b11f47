package strategies

import "context"

// contextErr returns the error of a caller's context.
func contextErr(ctx context.Context) error {
	if ctx == nil {
		panic("strategies: nil context")
	}
	return ctx.Err()
}

// sendEach sends a batch one item at a time, for strategies that can do no
// better, and returns how many were sent.
func sendEach[T any](items []T, send func(T) error) (int, error) {
	for i, item := range items {
		if err := send(item); err != nil {
			return i, err
		}
	}
	return len(items), nil
}

// sendEachCounted is sendEach where a send counts what it rejects: it counts those behind it.
func sendEachCounted[T any](items []T, send func(T) error, t *overflowCount, all *overflowCounts) (int, error) {
	n, err := sendEach(items, send)
	if err == ErrFull && n+1 < len(items) {
		err = t.reject(len(items)-n-1, err, all)
	}
	return n, err
}

// neverWaits derives the other sends of a producer from two that never wait for
// room, as in an unbounded fan-in or under a policy that drops: Try is the
// plain send, and a context matters only if it is done beforehand.
type neverWaits[T any] struct{ sender plainSender[T] }

type plainSender[T any] interface {
	Send(item T) error
	SendBatch(items []T) (int, error)
}

func (v neverWaits[T]) TrySend(item T) error { return v.sender.Send(item) }

func (v neverWaits[T]) TrySendBatch(items []T) (int, error) { return v.sender.SendBatch(items) }

func (v neverWaits[T]) SendContext(ctx context.Context, item T) error {
	if err := contextErr(ctx); err != nil {
		return err
	}
	return v.sender.Send(item)
}

func (v neverWaits[T]) SendBatchContext(ctx context.Context, items []T) (int, error) {
	if err := contextErr(ctx); err != nil {
		return 0, err
	}
	return v.sender.SendBatch(items)
}

// withoutWaiting is the policy of the Try variants.
func (p Policy) withoutWaiting() Policy {
	if p == Block {
		return Fail
	}
	return p
}

// drops reports whether what finds no room is dropped, and not rejected, if it does not wait.
func (p Policy) drops() bool { return p == DropNewest || p == DropOldest }

// withPolicy derives the other sends of a producer that may have to wait from two
// that are told what to do when there is no room. Send is not among them, as it
// would cost a call through an interface, nor is what a policy does: between the
// looks for room stands what the strategy holds, a lock, a claim or credits.
type withPolicy[T any] struct {
	policy Policy
	sender policySender[T]
}

// policySender sends under a policy; the context is noContext or not yet done.
type policySender[T any] interface {
	sendOne(ctx context.Context, item T, policy Policy) error
	sendAll(ctx context.Context, items []T, policy Policy) (int, error)
}

func (v withPolicy[T]) TrySend(item T) error {
	return v.sender.sendOne(noContext, item, v.policy.withoutWaiting())
}

func (v withPolicy[T]) SendContext(ctx context.Context, item T) error {
	if err := contextErr(ctx); err != nil {
		return err
	}
	return v.sender.sendOne(ctx, item, v.policy)
}

func (v withPolicy[T]) SendBatch(items []T) (int, error) {
	return v.sender.sendAll(noContext, items, v.policy)
}

func (v withPolicy[T]) SendBatchContext(ctx context.Context, items []T) (int, error) {
	if err := contextErr(ctx); err != nil {
		return 0, err
	}
	return v.sender.sendAll(ctx, items, v.policy)
}

func (v withPolicy[T]) TrySendBatch(items []T) (int, error) {
	return v.sender.sendAll(noContext, items, v.policy.withoutWaiting())
}
