package strategies

import "context"

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
	if err := ctx.Err(); err != nil {
		return err
	}
	return v.sender.Send(item)
}

func (v neverWaits[T]) SendBatchContext(ctx context.Context, items []T) (int, error) {
	if err := ctx.Err(); err != nil {
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
