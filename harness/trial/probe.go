package trial

import (
	"fmt"
	"io"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/trial/inspect"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/strategies"
)

const (
	probeRounds = 250                    // wakes
	probePause  = 200 * time.Microsecond // before each, for the consumer to park
	probeIdle   = 200 * time.Millisecond // how long idleness is watched
	probeShare  = 0.1                    // of a processor; what is at rest uses a hundredth at most, what spins all it gets
	probeBurst  = 1 << 20                // words
	probeNoise  = 64 << 10               // bytes by which the heap, weighed once, may differ: goroutines and timers that came and went
)

// probe measures a fan-in that is not under load: how long a parked consumer
// takes to wake, what it costs while it waits, and what memory it keeps.
func (t *trial) probe() (*results.Measurement, error) {
	f := t.strategy.Word(t.opts)
	p := &prober{trial: t, producer: f.Producer(), consumer: f.Consumer(), idle: make([]strategies.Producer[strategies.Word], t.cell.Producers-1)}
	for i := range p.idle { // the others are there and send nothing
		p.idle[i] = f.Producer()
	}
	start := t.clock.Now()
	m := &results.Measurement{Probe: &results.Probe{Wake: histogram.New()}, Steady: true}
	steps := []func(*results.Probe) error{p.wakes, p.rests, p.bursts}
	for _, step := range steps {
		if err := step(m.Probe); err != nil {
			return nil, err
		}
	}
	if err := t.checkProbe(m.Probe); err != nil {
		return nil, err
	}
	for _, other := range append(p.idle, p.producer) {
		other.Close()
	}
	if n, err := p.consumer.Recv(make([]strategies.Word, 1)); err != io.EOF {
		return nil, fmt.Errorf("after the last close: %d items were received instead of io.EOF", n)
	}
	m.ElapsedNs = max(1, t.clock.Ns(t.clock.Now()-start))
	m.Attempted, m.Delivered, m.Receives = int64(p.seq), int64(p.seq), p.receives
	return m, nil
}

// prober sends from one goroutine what it receives in another.
type prober struct {
	*trial
	producer strategies.Producer[strategies.Word]
	consumer strategies.Consumer[strategies.Word]
	idle     []strategies.Producer[strategies.Word]
	seq      uint64
	receives int64
}

// receive receives so many words and checks them, and returns when the last
// receive returned, in ticks.
func (p *prober) receive(from uint64, count int, buf []strategies.Word) (at int64, err error) {
	for got := 0; got < count; {
		n, err := p.consumer.Recv(buf[:min(len(buf), count-got)])
		at = p.clock.Now()
		if err != nil {
			return at, fmt.Errorf("receiving: %w", err)
		}
		for i, w := range buf[:n] {
			if want := strategies.NewWord(0, from+uint64(got+i)); w != want {
				return at, fmt.Errorf("received item %d of producer %d; want item %d", w.Seq(), w.Producer(), want.Seq())
			}
		}
		got += n
		p.receives++
	}
	return at, nil
}

// wakes sends one word at a time to a consumer that has had time to park.
func (p *prober) wakes(probe *results.Probe) error {
	sent := make(chan int64, 1)
	var failed error
	go func() {
		defer close(sent)
		for range probeRounds {
			time.Sleep(probePause)
			now := p.clock.Now()
			if failed = p.producer.Send(strategies.NewWord(0, p.seq)); failed != nil {
				return
			}
			p.seq++
			sent <- now
		}
	}()
	buf := make([]strategies.Word, 1)
	for round := range uint64(probeRounds) {
		at, err := p.receive(round, 1, buf)
		if err != nil {
			return err
		}
		probe.Wake.Record(p.clock.Ns(at - <-sent))
	}
	for range sent { // until the sender is done
	}
	return failed
}

// rests has the consumer wait for something that comes late, and asks for the CPU
// time meanwhile.
func (p *prober) rests(probe *results.Probe) error {
	result := make(chan error, 1)
	from := p.seq
	go func() {
		_, err := p.receive(from, 1, make([]strategies.Word, 1))
		result <- err
	}()
	time.Sleep(10 * time.Millisecond) // it parks
	start, before := time.Now(), machine.ReadUsage()
	time.Sleep(probeIdle)
	used, lasted := machine.ReadUsage().Since(before), time.Since(start)
	probe.IdleCPUShare = used.Cpu.Seconds() / lasted.Seconds()
	if err := p.producer.Send(strategies.NewWord(0, p.seq)); err != nil {
		return fmt.Errorf("sending after rest: %w", err)
	}
	p.seq++
	return <-result
}

// bursts sends what a bounded strategy holds, or a million words, drains it and
// asks what memory is kept.
func (p *prober) bursts(probe *results.Probe) error {
	if p.strategy.Bound == strategies.Rendezvous {
		return nil // nothing piles up where nothing is held
	}
	count := probeBurst
	if p.strategy.Bound.HasCapacity() {
		count = min(count, p.opts.Capacity)
	}
	before := inspect.HeapInUse()
	from := p.seq
	// Where room comes back only when the consumer does, it is here to be filled.
	if _, err := p.consumer.Recv(nil); err != nil {
		return fmt.Errorf("coming back before a burst: %w", err)
	}
	for range count {
		if err := p.producer.Send(strategies.NewWord(0, p.seq)); err != nil {
			return fmt.Errorf("sending a burst: %w", err)
		}
		p.seq++
	}
	probe.BurstBytes = max(0, inspect.HeapInUse()-before)
	if _, err := p.receive(from, count, make([]strategies.Word, p.cell.RecvBatch)); err != nil {
		return err
	}
	for begun := time.Now(); ; { // time to give memory back
		if err := p.rests(new(results.Probe)); err != nil {
			return err
		}
		probe.RetainedBytes = max(0, inspect.HeapInUse()-before)
		if probe.RetainedBytes <= mayRetain(probe.BurstBytes) || time.Since(begun) >= inspect.ShrinkWithin {
			return nil
		}
	}
}

// mayRetain returns how much may be kept of a burst.
func mayRetain(burst int64) int64 { return burst/8 + probeNoise }

// checkProbe holds what a probe has measured against what the strategy promises.
func (t *trial) checkProbe(p *results.Probe) error {
	switch {
	case t.inspection.Hush != nil && t.strategy.Keeps(strategies.PromisePark) && p.IdleCPUShare > probeShare:
		return record.Broke(strategies.PromisePark, "a fan-in at rest used %.2f processors", p.IdleCPUShare)
	case t.strategy.Keeps(strategies.PromiseShrink) && p.RetainedBytes > mayRetain(p.BurstBytes):
		return record.Broke(strategies.PromiseShrink, "%d bytes were kept of a burst of %d that was drained", p.RetainedBytes, p.BurstBytes)
	}
	return nil
}
