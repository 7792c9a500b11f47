package program

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
)

// trial is one execution of one cell.
type trial struct {
	spec     spec
	strategy Strategy
	setup    Setup
	partner  partner
	over     chan reply // takes the first; who fails beside the consumer says so here

	queue     Queue
	settle    func() error // of a queue that may drop; else nil
	crews     []crew
	sizes     []int // producers of each crew
	processes []*process
	staff     staff
	ledger    *ledger
	times     times
}

// outcome is what came of a round.
type outcome struct {
	messages, receives int64
	dropped            int64 // of the messages
	first, last        int64 // first send, last receive
	sent               int64 // last send
	used               []results.Process
}

func (o outcome) delivered() int64 { return o.messages - o.dropped }

func (o outcome) lasted() int64 { return max(1, o.last-o.first) }

// execute runs the trial and hands over what came of it.
func (t *trial) execute(all []Strategy) {
	strategy, err := find(all, t.spec.Cell.Strategy)
	if err == nil {
		t.strategy = strategy
		err = t.open()
	}
	if err != nil {
		t.end(failed(results.FailureError, err))
		return
	}
	measure := t.saturate
	switch {
	case t.spec.Cell.IsOpen():
		measure = t.offer
	case t.spec.Slices != nil:
		measure = t.inTurns
	}
	m, err := measure()
	switch {
	case t.ledger.broken != nil:
		t.end(failed(results.FailureDelivery, t.ledger.broken))
	case err != nil:
		t.end(failed(results.FailureError, err))
	default:
		_ = t.queue.Close() // all has arrived
		t.end(reply{Measurement: m})
	}
}

// end says what came of the trial, unless that was said.
func (t *trial) end(r reply) {
	select {
	case t.over <- r:
	default:
	}
}

// open opens the fan-in and has the producers join.
func (t *trial) open() error {
	cell := t.spec.Cell
	if err := cmp.Or(checkCell(cell, t.strategy.Policies), checkPayload(cell.Payload)); err != nil {
		return err
	}
	if cell.IsOpen() && cell.Payload < atFill {
		return fmt.Errorf("payload %d: a message of an open loop has at least %d bytes, for its times", cell.Payload, atFill)
	}
	runtime.GOMAXPROCS(cell.GOMAXPROCS)
	t.setup.Producers, t.setup.Payload = cell.Producers, cell.Payload
	t.setup.Capacity, t.setup.RecvBatch = t.capacity(), cell.RecvBatch
	d := t.strategy.Delivery
	t.ledger = newLedger(cell.Producers, cell.Payload, d == results.DeliveryAtLeastOnce || d == results.DeliveryConfirmed)
	var err error
	if t.queue, err = t.strategy.Open(t.setup); err != nil {
		return err
	}
	if dropping, ok := t.queue.(Dropping); ok {
		t.settle, t.ledger.drops = dropping.Settle, true
	}
	if t.strategy.Join != nil {
		return t.invite()
	}
	producers, ok := t.queue.(Producers)
	if !ok {
		return errors.New("the fan-in has no producers in this process, and none of another can join")
	}
	own, err := newHands(producers, t.setup, 0, cell.Producers)
	t.crews, t.sizes = []crew{own}, []int{cell.Producers}
	return err
}

// capacity returns what is asked for of whom the strategy bounds.
func (t *trial) capacity() int {
	cell := t.spec.Cell
	each := t.strategy.Bound == boundPerProducer
	switch {
	case cell.CapacityOf == results.CapacityInTotal && each:
		return max(1, cell.Capacity/cell.Producers)
	case cell.CapacityOf == results.CapacityPerProducer && !each:
		return cell.Capacity * cell.Producers
	}
	return cell.Capacity
}

const boundPerProducer = "bounded per producer" // as strategies.PerProducer is written

// invite starts the processes of producers, among which the producers are shared out
// evenly.
func (t *trial) invite() error {
	inviting, ok := t.queue.(Inviting)
	if !ok {
		return errors.New("the fan-in invites no processes")
	}
	count, first := max(1, t.spec.Cell.Processes), 0
	var greetings []hello
	var files [][]*os.File
	for i := range count {
		invitation, err := inviting.Invite()
		if err != nil {
			return err
		}
		n := share(int64(t.setup.Producers), count, i)
		greetings = append(greetings, hello{
			Strategy: t.strategy.Name, Setup: t.setup, First: first, Count: int(n), GOMAXPROCS: t.spec.Cell.GOMAXPROCS, Words: invitation.Words,
		})
		files, t.sizes = append(files, invitation.Files), append(t.sizes, int(n))
		first += int(n)
	}
	var err error
	t.processes, err = t.staff.startProcesses(greetings, files)
	for _, p := range t.processes {
		t.crews = append(t.crews, p)
	}
	return err
}

// share returns the part of one of several among which something is shared out evenly.
func share(whole int64, among, which int) int64 {
	part := whole / int64(among)
	if int64(which) < whole%int64(among) {
		part++
	}
	return part
}

// round has the producers send so many messages and receives them.
func (t *trial) round(messages int64, o order) (outcome, error) {
	all := t.pids()
	before := cpuOfAll(all)
	expected := t.ledger.fresh + messages
	told := make(chan done, len(t.crews))
	first := 0
	for i, crew := range t.crews {
		part := o
		for p := range t.sizes[i] {
			part.Quotas = append(part.Quotas, share(messages, t.setup.Producers, first+p))
		}
		first += t.sizes[i]
		go func() {
			d, err := crew.run(part)
			if err != nil { // the consumer may wait for ever
				t.end(failed(results.FailureError, err))
				return
			}
			told <- d
		}()
	}
	sent := make(chan done, 1)
	go func() {
		var sum done
		for range t.crews {
			sum.add(<-told)
		}
		if t.settle != nil {
			if err := t.settle(); err != nil {
				t.end(failed(results.FailureError, err))
				return
			}
		}
		sent <- sum
	}()
	out := outcome{messages: messages}
	if err := t.receive(&out, expected); err != nil {
		return out, err
	}
	sum := <-sent
	out.first, out.sent = sum.FirstNs, sum.LastNs
	out.used = used(all, before)
	return out, nil
}

// receive receives what a round sends, until so many messages came in all, or those that
// are left were dropped.
func (t *trial) receive(out *outcome, expected int64) error {
	for t.settle != nil || t.ledger.fresh < expected {
		n, err := t.queue.Recv(t.visit)
		switch err = cmp.Or(t.ledger.broken, err); {
		case err != nil:
			return err
		case n == 0 && t.settle != nil:
			out.dropped = expected - t.ledger.fresh
			return nil
		}
		out.receives++
		if t.settle != nil {
			out.last = Now() // it takes until then to know that it was the last
		}
	}
	if t.settle == nil {
		out.last = Now()
	}
	return nil
}

func (t *trial) visit(message []byte) {
	if t.ledger.take(message) && t.times.on {
		t.times.record(message)
	}
}

// times is how long messages took.
type times struct {
	on                       bool
	open                     bool
	transit, response, delay *histogram.Histogram
}

func (t *times) record(message []byte) {
	if len(message) < atFill {
		return
	}
	sent, due := timesOf(message)
	if sent == 0 {
		return
	}
	now := Now()
	t.transit.Record(max(1, now-sent))
	if t.open {
		t.response.Record(max(1, now-due))
		t.delay.Record(max(1, sent-due))
	}
}

// start has times recorded, and what repeats counted, from now on.
func (t *trial) start() {
	t.ledger.duplicated, t.ledger.late = 0, 0
	t.times = times{on: true, open: t.spec.Cell.IsOpen(), transit: histogram.New(), response: histogram.New(), delay: histogram.New()}
}

// report words what was measured.
func (t *trial) report(out outcome) *results.Measurement {
	m := &results.Measurement{
		ElapsedNs: out.lasted(), Attempted: out.messages, Delivered: out.delivered(), Dropped: out.dropped, Receives: out.receives,
		Clock: "monotonic", ClockNs: clockCost(), Processes: out.used,
	}
	if t.ledger.repeats {
		m.Duplicated, m.Late = new(t.ledger.duplicated), new(t.ledger.late)
		m.Confirmed = new(out.messages) // every send returned without an error
	}
	if t.times.transit.TotalCount() > 0 {
		m.Transit, m.SampleStep = t.times.transit, timedStep
	}
	if t.times.open {
		m.SampleStep, m.Response, m.SendDelay = 1, t.times.response, t.times.delay
	}
	for _, p := range out.used {
		m.CPUNs += p.CPUNs
		m.PeakBytes += p.PeakBytes
	}
	return m
}

// clockCost returns what a reading of the clock takes in ns.
func clockCost() float64 {
	const readings = 10_000
	begun := time.Now()
	for range readings {
		Now()
	}
	return float64(time.Since(begun)) / readings
}
