package trial

import (
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// callBatch returns how many items a cell's producers hand over by a call: one to a Writer.
func callBatch(c results.Cell) int {
	if c.SendBy == results.SendByWriter {
		return 1
	}
	return c.SendBatch
}

// collectedFanIn is a fan-in whose producers put their items into a Writer each.
type collectedFanIn[T any] struct {
	strategies.FanIn[T]
	items int // that a Writer collects
}

// collect returns a constructor of fan-ins whose producers send as a cell says.
func collect[T any](construct strategies.Constructor[T], c results.Cell) strategies.Constructor[T] {
	if c.SendBy != results.SendByWriter {
		return construct
	}
	return func(o strategies.Options) strategies.FanIn[T] {
		return &collectedFanIn[T]{FanIn: construct(o), items: c.SendBatch}
	}
}

func (f *collectedFanIn[T]) inner() any { return f.FanIn }

func (f *collectedFanIn[T]) Producer() strategies.Producer[T] {
	p := f.FanIn.Producer()
	return &putter[T]{Producer: p, to: strategies.NewWriter(p, f.items)}
}

// putter is a producer that puts single items into a Writer.
type putter[T any] struct {
	strategies.Producer[T]
	to *strategies.Writer[T]
}

func (p *putter[T]) inner() any { return p.Producer }

func (p *putter[T]) Send(item T) error { return p.to.Put(item) }

// Flush sends what is collected.
func (p *putter[T]) Flush() error { return p.to.Flush() }

// flusher is a producer that may have kept items.
type flusher interface{ Flush() error }

// readConsumer is a consumer whose items come one by one from a Reader.
type readConsumer[T any] struct {
	strategies.Consumer[T]
	from *strategies.Reader[T]
}

func (c *readConsumer[T]) Recv(buf []T) (int, error) {
	item, err := c.from.Next()
	if err != nil {
		return 0, err
	}
	buf[0] = item
	return 1, nil
}

// readyConsumer is a consumer that waits for items in a select, beside a channel that
// nothing comes from: that of a context, or of a ticker.
type readyConsumer[T any] struct {
	strategies.Consumer[T]
	tells strategies.Readier
	never chan struct{}
}

func (c *readyConsumer[T]) Recv(buf []T) (int, error) {
	for {
		n, err := c.TryRecv(buf)
		if n > 0 || err != nil || len(buf) == 0 {
			return n, err
		}
		select {
		case <-c.tells.Ready():
		case <-c.never:
		}
	}
}
