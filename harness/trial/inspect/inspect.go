package inspect

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Inspection is a strategy with the options with which it is looked into.
type Inspection struct {
	Strategy strategies.Strategy
	Options  strategies.Options
	Clock    *machine.Clock
	// Hush, where the process does nothing else, stops what the harness itself does
	// meanwhile until resume is called; else it is nil.
	Hush func() (resume func())
}

// Run returns the first promise that the strategy turns out to break.
func (i *Inspection) Run() error {
	if !i.possible() {
		return nil
	}
	for _, part := range []struct {
		promise strategies.Promise
		look    func() error
	}{
		{strategies.PromiseTry, i.tries},
		{strategies.PromiseBacklog, i.backlog},
		{strategies.PromiseShrink, i.perItem},
		{strategies.PromiseShrink, i.perProducer},
		{strategies.PromisePark, i.idles},
	} {
		if !i.Strategy.Keeps(part.promise) {
			continue
		}
		if err := part.look(); err != nil {
			return err
		}
	}
	return nil
}

// possible reports whether words get through the strategy. The floor carries
// nothing, and what a lossy one loses cannot be waited for.
func (i *Inspection) possible() bool {
	return !i.Strategy.Floor && !i.Strategy.Lossy && i.Strategy.Word != nil
}

// specimen returns a fan-in to be looked at. Its capacity is the cell's, but for one
// so large that filling it, or giving it to thousands of producers, would take long.
// Under Block its sends wait for room, which is what most looks need.
func (i *Inspection) specimen(policy strategies.Policy) strategies.FanIn[strategies.Word] {
	o := i.Options
	o.Policy = policy
	o.Capacity = min(o.Capacity, strategies.DefaultCapacity)
	return i.Strategy.Word(o)
}

const (
	// tryTakes is the most that a call may take that never waits. Of tryCalls the
	// shortest counts: a machine that is busy may hold any of them up, not all.
	tryTakes = 2 * time.Millisecond
	tryCalls = 5
)

// shortest returns what the shortest of a few calls takes.
func shortest(call func()) time.Duration {
	least := time.Hour
	for range tryCalls {
		begun := time.Now()
		call()
		if least = min(least, time.Since(begun)); least <= tryTakes {
			break
		}
	}
	return least
}

// tries times the calls that never wait, where those that do would: a receive with
// nothing there, and sends with no room left.
func (i *Inspection) tries() error {
	fan := i.specimen(i.Options.Policy)
	p, c := fan.Producer(), fan.Consumer()
	defer c.Close()
	defer p.Close()
	buf := make([]strategies.Word, 1)
	if took := shortest(func() { _, _ = c.TryRecv(buf) }); took > tryTakes {
		return record.Broke(strategies.PromiseTry, "TryRecv of an empty fan-in took %v", took)
	}
	if i.Strategy.Bound == strategies.Unbounded {
		return nil
	}
	for range 4 * strategies.DefaultCapacity { // what goroutines of its own hold, too
		if p.TrySend(0) != nil {
			break
		}
	}
	if took := shortest(func() { _ = p.TrySend(0) }); took > tryTakes {
		return record.Broke(strategies.PromiseTry, "TrySend to a full fan-in took %v", took)
	}
	if took := shortest(func() { _, _ = p.TrySendBatch(buf) }); took > tryTakes {
		return record.Broke(strategies.PromiseTry, "TrySendBatch to a full fan-in took %v", took)
	}
	return nil
}

const (
	countSenders = 4
	countBatch   = 1                      // what the consumer takes at a time
	countCost    = 5 * time.Microsecond   // for each: a bounded fan-in is full, and moves at every look
	countLooks   = 50                     // at the backlog
	countEvery   = 100 * time.Microsecond // one of them
	countWaiting = 1 << 14                // the most items that wait in an unbounded one
)

// counting is a fan-in under load whose sends and receives are counted as they
// return, so that there are bounds of what it can hold at any moment.
type counting struct {
	fan  strategies.FanIn[strategies.Word]
	sent [countSenders]struct {
		atomic.Int64
		_ [56]byte // nobody else's line
	}
	received atomic.Int64
	stop     atomic.Bool
}

// total returns how many sends have returned.
func (c *counting) total() (n int64) {
	for i := range c.sent {
		n += c.sent[i].Load()
	}
	return n
}

// send sends until it is told to stop.
func (c *counting) send(id int, p strategies.Producer[strategies.Word]) {
	defer p.Close()
	for seq := uint64(0); !c.stop.Load(); {
		if c.total()-c.received.Load() > countWaiting {
			runtime.Gosched()
			continue
		}
		if p.Send(strategies.NewWord(id, seq)) != nil {
			return
		}
		c.sent[id].Add(1)
		seq++
	}
}

// drain receives until the end.
func (c *counting) drain(clock *machine.Clock) {
	buf := make([]strategies.Word, countBatch)
	pause := clock.Ticks(int64(countCost))
	for {
		n, err := c.fan.Consumer().Recv(buf)
		if err != nil {
			return
		}
		c.received.Add(int64(n))
		if !c.stop.Load() { // what is left when all has been looked at holds nobody up
			clock.Spin(pause)
		}
	}
}

// look reads the backlog and holds it against what was counted before and after. It
// may be off by what sends and receives have in hand; more than the bound may not be
// held at all.
func (c *counting) look(most int) error {
	const hands = countSenders + countBatch
	sent, received := c.total(), c.received.Load()
	read := int64(c.fan.Backlog())
	receivedThen, sentThen := c.received.Load(), c.total()
	// What was held at the moment of the reading, at least and at most: a send that
	// has not been counted may have sent, a receive have taken.
	least, highest := sent-receivedThen-countBatch, sentThen+countSenders-received
	switch {
	case most != record.NoLimit && least > int64(most):
		return record.Broke(strategies.PromiseBound, "%d items were sent and not received; the bound is %d", least, most)
	case read < least-hands || read > highest+hands:
		return record.Broke(strategies.PromiseBacklog, "the backlog read %d when %d to %d items had been sent and not received",
			read, max(0, least), highest)
	}
	return nil
}

// Overfull returns an error if what is sent and not received, counted here, exceeds the
// bound, or if the backlog tells otherwise than the counts.
func (i *Inspection) Overfull() error {
	if !i.possible() {
		return nil
	}
	return i.backlog()
}

// backlog reads the backlog of a fan-in while items move.
func (i *Inspection) backlog() error {
	c := &counting{fan: i.specimen(strategies.Block)}
	var moving sync.WaitGroup
	for id := range countSenders {
		p := c.fan.Producer()
		moving.Go(func() { c.send(id, p) })
	}
	moving.Go(func() { c.drain(i.Clock) })
	defer moving.Wait()
	defer c.stop.Store(true)
	capacity := i.Options.Capacity
	if capacity == 0 || capacity > strategies.DefaultCapacity {
		capacity = strategies.DefaultCapacity
	}
	most := record.MostHeld(i.Strategy.Descriptor, capacity, countSenders)
	for range countLooks {
		time.Sleep(countEvery)
		if err := c.look(most); err != nil {
			return err
		}
	}
	return nil
}
