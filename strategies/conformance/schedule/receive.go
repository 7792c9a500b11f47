package schedule

import (
	"io"
	"slices"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// judgeReceive judges what a receive returned, and takes its items.
func (m *model) judgeReceive(r result) *Failure {
	if f, early := r.judgeEarly(strategies.PromiseConsumerClose); early {
		return f
	}
	if f := r.implausible(m.left, m.policy); f != nil {
		return f
	}
	held := m.backlog()
	switch {
	case r.err == io.EOF && !m.ended:
		return broke(strategies.PromiseDrain, "%v before the last producer has closed", r)
	case r.err == io.EOF && held > 0:
		return m.without(broke(strategies.PromiseDrain, "%v with %d items that were not received", r, held))
	case r.n > 0:
		return m.take(r, r.buf[:r.n])
	case r.err != nil || !r.certain || m.Bound == strategies.Rendezvous:
		return nil
	case r.op.N > 0 && held > 0:
		return m.without(broke(strategies.PromiseTry, "%v with %d items that were not received", r, held))
	case m.ended && held == 0:
		return broke(strategies.PromiseDrain, "%v at the end instead of 0, EOF", r)
	}
	return nil
}

// without says that items are missing: if they never come, that is what broke.
func (m *model) without(f *Failure) *Failure {
	f.missing = m.missing()
	return f
}

// take takes items off the queues of their producers.
func (m *model) take(r result, items []strategies.Word) *Failure {
	for i, w := range items {
		id, number := w.Producer(), int(w.Seq())
		if id >= len(m.producers) || number >= len(m.producers[id].items) {
			return broke(strategies.PromiseIntact, "%v received %#x, which nobody sent", r.op, uint64(w))
		}
		p := m.producers[id]
		if len(p.queue) == 0 || p.queue[0] != number {
			return p.misplaced(r, items[i:])
		}
		if m.Order == strategies.OrderGlobal {
			if f := m.overtaken(r, id, number); f != nil {
				return f
			}
		}
		p.queue = p.queue[1:]
		p.items[number].fate = received
		p.items[number].by.next = number + 1 - p.items[number].by.first
	}
	return nil
}

// misplaced tells what the first of these items of a producer means, which is not the
// one that comes next.
func (p *producer) misplaced(r result, items []strategies.Word) *Failure {
	id, number := items[0].Producer(), int(items[0].Seq())
	switch p.items[number].fate {
	case received:
		return broke(strategies.PromiseExactlyOnce, "%v received item %d of p%d twice", r.op, number, id)
	case refused:
		return broke(strategies.PromiseExactlyOnce, "%v received item %d of p%d, whose send returned an error", r.op, number, id)
	case dropped:
		return broke(strategies.PromiseOverflow, "%v received item %d of p%d, which was to be dropped", r.op, number, id)
	}
	if len(p.queue) == 0 { // thrown away by the consumer's Close
		return broke(strategies.PromiseConsumerClose, "%v received item %d of p%d, which Close threw away", r.op, number, id)
	}
	f := broke(strategies.PromiseOrder, "%v received item %d of p%d instead of item %d", r.op, number, id, p.queue[0])
	if next := strategies.NewWord(id, uint64(p.queue[0])); !slices.Contains(items, next) {
		f.missing = []strategies.Word{next}
	}
	return f
}

// overtaken looks for an item whose send had returned when that of the one received had
// not begun.
func (m *model) overtaken(r result, id, number int) *Failure {
	began := m.producers[id].items[number].by.began
	for other, p := range m.producers {
		if len(p.queue) == 0 || other == id {
			continue
		}
		if by := p.items[p.queue[0]].by; by.done && by.ended < began {
			return broke(strategies.PromiseOrder, "%v received item %d of p%d before item %d of p%d, which was sent earlier", r.op, number, id, p.queue[0], other)
		}
	}
	return nil
}
