// Package sends names the six ways to send, so that a check can go through them.
package sends

import (
	"context"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Way is one of the six ways to send.
type Way uint8

// The ways, as the methods of a producer are named.
const (
	Send Way = iota
	SendBatch
	SendContext
	SendBatchContext
	TrySend
	TrySendBatch
)

var names = [...]string{"Send", "SendBatch", "SendContext", "SendBatchContext", "TrySend", "TrySendBatch"}

// String returns the name of the method.
func (w Way) String() string { return names[w] }

// The ways by what they have in common.
var (
	Single       = []Way{Send, SendContext, TrySend}
	Batches      = []Way{SendBatch, SendBatchContext, TrySendBatch}
	Waiting      = []Way{Send, SendBatch, SendContext, SendBatchContext}
	Contexts     = []Way{SendContext, SendBatchContext}
	Plain        = []Way{Send, SendBatch}
	Every        = []Way{Send, SendBatch, SendContext, SendBatchContext, TrySend, TrySendBatch}
	NeverWaiting = []Way{TrySend, TrySendBatch}
)

// Call sends items by way w; a way of single items sends only the first.
func Call[T any](ctx context.Context, p strategies.Producer[T], w Way, items []T) (int, error) {
	var err error
	switch w {
	case SendBatch:
		return p.SendBatch(items)
	case SendBatchContext:
		return p.SendBatchContext(ctx, items)
	case TrySendBatch:
		return p.TrySendBatch(items)
	case Send:
		err = p.Send(items[0])
	case SendContext:
		err = p.SendContext(ctx, items[0])
	case TrySend:
		err = p.TrySend(items[0])
	}
	if err != nil {
		return 0, err
	}
	return 1, nil
}
