package schedule

import (
	"context"
	"fmt"
	"io"
	"math"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// model is the contract as a program: what a fan-in holds, who waits, and what each call
// may return. It predicts nothing that the contract leaves open, such as which of two
// waiting sends finds room first or whose items come next; there it follows what the
// fan-in did, and judges that.
//
// A send's items stand in its producer's queue from its begin, as the consumer may have
// them before the send returns; they count as held once it has returned.
type model struct {
	strategies.Descriptor
	policy   strategies.Policy
	capacity int
	now      int // operations begun

	producers []*producer
	open      int  // producers
	opened    bool // a producer, ever
	ended     bool // the last has closed
	left      bool // the consumer has closed
	consumer  actor
	closing   int  // Closes under way
	inHand    int  // items received that hold their room until the next receive
	over      bool // a receive has told the end
}

// actor is who makes one call at a time.
type actor struct {
	pending  *call // or nil
	canceled bool  // the context of the next call that takes one is done
}

type producer struct {
	actor
	opened, closed bool
	items          []item // by number
	queue          []int  // numbers of items that may be received, next first
	dropped        uint64
}

type item struct {
	fate fate
	by   *call
}

// fate is what became of an item.
type fate uint8

const (
	queued fate = iota
	received
	dropped
	refused
)

// call is an operation that has begun.
type call struct {
	op           Op
	began, ended int // when, in operations; ended is 0 as long as it has not returned
	first        int // the number of the first item it sends
	next         int // its first item that was not received, from 0
	done         bool
	canceled     bool // its context was done before it began
	refused      bool // it began after its end, or the other, had closed
	cut          bool // its context ended while it waited
	certain      bool // it finds items or room; a goroutine of the fan-in may be about to bring them
	raced        bool // a receive waited when it, a send, began: what is held when it returns may be less than it found
}

func newModel(s Schedule, d strategies.Descriptor) *model {
	m := &model{Descriptor: d, policy: s.Options.Policy, capacity: s.Options.Capacity}
	switch {
	case d.Bound == strategies.Rendezvous:
		m.capacity = 0
	case !d.Bound.HasCapacity():
		m.capacity = math.MaxInt / 2
	case m.capacity == 0:
		m.capacity = strategies.DefaultCapacity
	}
	for range s.producers() {
		m.producers = append(m.producers, &producer{})
	}
	return m
}

// possible reports whether an operation can be made and judged now. One that cannot is
// left out, so that any part of a schedule is a schedule.
func (m *model) possible(op Op) bool {
	if !offers(m.Descriptor, op) {
		return false
	}
	if op.Who == Consumer {
		alone := m.consumer.pending == nil
		return alone || op.Do == Cancel || op.Do == Close && m.Keeps(strategies.PromiseClose)
	}
	p := m.producers[op.Who]
	switch {
	case op.Do == Open:
		return !p.opened
	case !p.opened:
		return false
	case p.pending != nil:
		return op.Do == Cancel || op.Do == Close && m.Keeps(strategies.PromiseClose)
	}
	// How many go depends on how fast a consumer is that waits.
	return !op.Do.sends() || !drops(m.policy) || m.consumer.pending == nil || op.N <= m.room(p)
}

// held returns how many items take the room of a producer, or of all if they share it.
func (m *model) held(p *producer) int {
	if m.Bound == strategies.PerProducer {
		return p.held()
	}
	return m.backlog() + m.inHand
}

func (p *producer) held() int { return len(p.queue) - p.rest() }

// rest returns how many items of the send that waits may yet be received.
func (p *producer) rest() int {
	if p.pending == nil {
		return 0
	}
	return min(p.pending.op.N-p.pending.next, len(p.queue))
}

func (m *model) backlog() int {
	n := 0
	for _, p := range m.producers {
		n += p.held()
	}
	return n
}

func (m *model) room(p *producer) int { return m.capacity - m.held(p) }

// sending returns how many sends wait, of those that share the room of p, and how many
// items they may have got in at the most: each waits with one at least.
func (m *model) sending(p *producer) (calls, items int) {
	for _, q := range m.producers {
		if q.pending != nil && (q == p || m.Bound != strategies.PerProducer) {
			calls++
			items += max(0, q.rest()-1)
		}
	}
	return calls, items
}

// missing returns what was sent and not received.
func (m *model) missing() (items []strategies.Word) {
	for id, p := range m.producers {
		for _, number := range p.queue[:p.held()] {
			items = append(items, strategies.NewWord(id, uint64(number)))
		}
	}
	return items
}

// begin notes that an operation begins.
func (m *model) begin(op Op) *call {
	m.now++
	c := &call{op: op, began: m.now}
	who := &m.consumer
	var p *producer
	if op.Who != Consumer {
		p = m.producers[op.Who]
		who = &p.actor
	}
	switch op.Do {
	case Open:
		p.opened, m.opened = true, true
		if p.closed = m.left || m.ended; !p.closed {
			m.open++
		}
	case Close:
		m.closing++
		m.close(p)
	case Cancel:
		if who.pending != nil && who.pending.op.Do.takesContext() {
			who.pending.cut = true
		} else {
			who.canceled = true
		}
	default:
		if op.Do.takesContext() {
			c.canceled, who.canceled = who.canceled, false
		}
		c.refused = m.left || p != nil && p.closed
		if p == nil {
			m.inHand = 0
			c.certain = m.backlog() > 0 && op.N > 0 || m.ended && m.backlog() == 0
		} else {
			_, others := m.sending(p)
			c.certain = m.room(p)-others > 0
			c.raced = m.consumer.pending != nil
			c.first = len(p.items)
			for range op.N {
				p.queue = append(p.queue, len(p.items))
				p.items = append(p.items, item{by: c})
			}
		}
		who.pending = c
	}
	return c
}

func (m *model) close(p *producer) {
	switch {
	case p == nil:
		m.left = true
		for _, p := range m.producers {
			p.queue = nil // thrown away
		}
	case !p.closed:
		p.closed = true
		m.open--
		m.ended = m.ended || m.open == 0
	}
}

// stuck says which call must return, and which promise it breaks if it does not; or
// nothing, if all that have not returned may wait.
func (m *model) stuck() (strategies.Promise, string) {
	if m.closing > 0 {
		return strategies.PromiseClose, "Close waits"
	}
	if c := m.consumer.pending; c != nil {
		if p, why := m.receiveStuck(c); p != "" {
			return p, fmt.Sprintf("%v waits although %s", c.op, why)
		}
	}
	for _, p := range m.producers {
		if p.pending == nil {
			continue
		}
		if promise, why := m.sendStuck(p, p.pending); promise != "" {
			return promise, fmt.Sprintf("%v waits although %s", p.pending.op, why)
		}
	}
	return "", ""
}

func (m *model) receiveStuck(c *call) (strategies.Promise, string) {
	sending := 0
	for _, p := range m.producers {
		if p.pending != nil {
			sending++
		}
	}
	switch {
	case m.left:
		return strategies.PromiseClose, "its consumer has closed"
	case c.canceled || c.cut:
		return strategies.PromiseContext, "its context is done"
	case c.op.Do == TryRecv || c.op.N == 0:
		return strategies.PromiseTry, "it may not"
	case m.backlog() > 0:
		return strategies.PromiseWake, fmt.Sprintf("%d items were sent", m.backlog())
	case m.ended && sending == 0:
		return strategies.PromiseDrain, "the fan-in has ended"
	case sending > 0:
		return strategies.PromiseWake, "a send waits, too"
	}
	return "", ""
}

func (m *model) sendStuck(p *producer, c *call) (strategies.Promise, string) {
	_, others := m.sending(p)
	switch {
	case p.closed:
		return strategies.PromiseClose, "its producer has closed"
	case m.left:
		return strategies.PromiseConsumerClose, "the consumer has closed"
	case c.canceled || c.cut:
		return strategies.PromiseContext, "its context is done"
	case c.op.Do.tries() && m.policy == strategies.Block || c.op.N == 0:
		return strategies.PromiseTry, "it may not"
	case m.policy != strategies.Block:
		return strategies.PromiseOverflow, fmt.Sprintf("policy %v never waits", m.policy)
	case p.rest() == 0 || m.room(p)-others > 0:
		return strategies.PromiseWake, fmt.Sprintf("there is room: %d of %d items are held", max(0, m.held(p)), m.capacity)
	}
	return "", ""
}

// returned judges what a call returned, and notes it.
func (m *model) returned(r result) *Failure {
	switch {
	case r.panic != nil:
		promise := strategies.PromiseMisuse
		if r.op.Who != Consumer && m.producers[r.op.Who].closed || m.left {
			promise = strategies.PromiseClose
		}
		return broke(promise, "%v panicked: %v", r.op, r.panic)
	case r.op.Do == Close:
		m.closing--
		return nil
	}
	r.ended, r.done = m.now, true
	if r.op.Who != Consumer {
		p := m.producers[r.op.Who]
		f := m.judgeSend(p, r)
		p.pending = nil
		if f == nil {
			f = m.sent(p, r)
		}
		return f
	}
	m.consumer.pending = nil
	f := m.judgeReceive(r)
	m.over = m.over || r.err == io.EOF || r.err == strategies.ErrClosed
	if f == nil && m.Bound == strategies.InFlight {
		m.inHand = r.n
	}
	return f
}

// judgeEarly judges a call that had no choice: its context was done, or an end closed,
// before it began.
func (r result) judgeEarly(closed strategies.Promise) (f *Failure, early bool) {
	promise, err, why := closed, strategies.ErrClosed, "it was closed"
	if r.canceled && r.n == 0 && r.op.Do.receives() && (r.refused && r.err == err || r.op.N == 0 && (r.err == nil || r.err == io.EOF)) {
		return nil, true // for a receive the contract leaves open what comes first
	}
	if r.canceled {
		promise, err, why = strategies.PromiseContext, context.Canceled, "its context was done"
	}
	if (r.canceled || r.refused) && (r.n != 0 || r.err != err) {
		f = broke(promise, "%v; %s before", r, why)
	}
	return f, r.canceled || r.refused
}

func (m *model) judgeSend(p *producer, r result) *Failure {
	closed := strategies.PromiseConsumerClose
	if p.closed {
		closed = strategies.PromiseClose
	}
	if f, early := r.judgeEarly(closed); early {
		return f
	}
	if f := r.implausible(p.closed || m.left, m.policy); f != nil || r.err != strategies.ErrFull {
		return f
	}
	others, _ := m.sending(p)
	held := m.held(p) + max(0, r.n-r.next)
	if others == 1 && !r.raced && held < m.capacity {
		return broke(strategies.PromiseBound, "%v with %d items held and capacity %d", r, held, m.capacity)
	}
	return nil
}

// sent notes what became of the items of a send.
func (m *model) sent(p *producer, r result) *Failure {
	if r.next > r.n {
		return broke(strategies.PromiseExactlyOnce, "%v, and item %d of it was received", r, r.first+r.n)
	}
	for i := r.first + r.n; i < r.first+r.op.N; i++ {
		p.items[i].fate = refused
	}
	if m.left { // thrown away
		p.queue = nil
		return nil
	}
	p.queue = p.queue[:len(p.queue)-(r.op.N-max(r.n, r.next))]
	for over := -m.room(p); over > 0 && drops(m.policy) && m.consumer.pending == nil; over-- {
		m.drop(p)
	}
	return nil
}

// drop throws an item away as the policy says.
func (m *model) drop(p *producer) {
	if m.policy == strategies.DropNewest {
		last := len(p.queue) - 1
		p.items[p.queue[last]].fate = dropped
		p.queue = p.queue[:last]
		p.dropped++
		return
	}
	oldest := p
	if m.Bound != strategies.PerProducer {
		for _, q := range m.producers {
			if len(q.queue) > 0 && (len(oldest.queue) == 0 || q.items[q.queue[0]].by.began < oldest.items[oldest.queue[0]].by.began) {
				oldest = q
			}
		}
	}
	oldest.items[oldest.queue[0]].fate = dropped
	oldest.queue = oldest.queue[1:]
	oldest.dropped++
}
