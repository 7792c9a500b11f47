package conformance

import (
	"context"
	"runtime"
	"slices"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/inflight"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/process"
)

func burstOfWords(e *env) error {
	items := 1 << 19
	if e.short {
		items /= 2 // an eighth of fewer is what strategies may keep anyway
	}
	return burst(e, e.strategy.Word, items, 8, func(i int) strategies.Word { return strategies.NewWord(0, uint64(i)) })
}

// burstOfMessages is about what messages point to: a fan-in that keeps an item
// after it was received keeps its payload.
func burstOfMessages(e *env) error {
	items := 1 << 14
	if e.short {
		items /= 4
	}
	return burst(e, e.strategy.Message, items, payloadSize, heavyMessage)
}

// bursts returns how many follow each other: the second meets what the first has
// grown. Under the race detector, which looks for races, one takes as long as ten.
func bursts() int {
	if process.RaceEnabled {
		return 1
	}
	return 2
}

// manyBursts is bursts where there are several fan-ins, or thousands of producers: a
// short run leaves the second one to the checks of a single fan-in.
func (e *env) manyBursts() int {
	if e.short {
		return 1
	}
	return bursts()
}

const payloadSize = 1024

func heavyMessage(i int) strategies.Message {
	return strategies.Message{ID: strategies.NewWord(0, uint64(i)), Payload: make([]byte, payloadSize)}
}

// burst lets items pile up, drains them, waits, and weighs the heap: beside
// what the fan-in had taken before the burst, an eighth may remain.
func burst[T any](e *env, build strategies.Constructor[T], items, size int, item func(int) T) error {
	b := newBurstFanIn(e, build, items)
	before := process.Heap()
	for range bursts() {
		if err := b.once(item); err != nil {
			return err
		}
		allowed := uint64(items * size / 8)
		returned := make(chan error, 1)
		go func() {
			n, err := b.c.Recv(make([]T, 1))
			_, err = e.received(n, 1, err)
			returned <- err
		}()
		kept := e.kept(before, allowed)
		if err := b.ps[0].Send(item(0)); err != nil {
			return e.broke(strategies.PromiseShrink, "Send after a burst returned %v", err)
		}
		if err := <-returned; err != nil {
			return err
		}
		if kept > allowed {
			return e.broke(strategies.PromiseShrink,
				"%d bytes more than before a burst, after the burst was drained and while the consumer waits; %d are allowed", kept, allowed)
		}
	}
	runtime.KeepAlive(b)
	return nil
}

// burstFanIn is a fan-in with room for a burst.
type burstFanIn[T any] struct {
	e     *env
	fan   strategies.FanIn[T]
	c     strategies.Consumer[T]
	ps    [2]strategies.Producer[T]
	items int
	buf   []T
}

func newBurstFanIn[T any](e *env, build strategies.Constructor[T], items int) *burstFanIn[T] {
	fan := inflight.FreeAtOnce(e.strategy.Descriptor, build)(strategies.Options{Capacity: items, Policy: e.strategy.DefaultPolicy()})
	return &burstFanIn[T]{e: e, fan: fan, c: fan.Consumer(), ps: [2]strategies.Producer[T]{fan.Producer(), fan.Producer()}, items: items, buf: make([]T, 1000)}
}

// once lets items pile up and drains them.
func (b *burstFanIn[T]) once(item func(int) T) error {
	for i := range b.items {
		if err := b.ps[i%len(b.ps)].Send(item(i)); err != nil {
			return b.e.broke(strategies.PromiseShrink, "Send %d of %d returned %v although there was room", i+1, b.items, err)
		}
		b.e.alive()
	}
	return b.drain(b.items)
}

func (b *burstFanIn[T]) drain(items int) error {
	defer clear(b.buf)
	for received := 0; received < items; {
		n, err := b.c.Recv(b.buf)
		if atEnd, err := b.e.received(n, len(b.buf), err); err != nil {
			return err
		} else if atEnd {
			return b.e.broke(strategies.PromiseExactlyOnce, "io.EOF with %d of %d items received", received, items)
		}
		received += n
		b.e.alive()
	}
	return nil
}

// burstUse is what happens after a burst: whatever the consumer does, the memory
// goes.
type burstUse struct {
	name string
	// do goes on until ctx is done; it is nil if nobody does anything.
	do func(ctx context.Context, b *burstFanIn[strategies.Word]) error
	// needs is the promise without which the strategy cannot be used like this.
	needs strategies.Promise
}

const pollEvery = 10 * time.Millisecond

var afterBurst = []burstUse{
	{name: "nobody receives"},
	{name: "the consumer tries every 10 ms", needs: strategies.PromiseTry, do: func(ctx context.Context, b *burstFanIn[strategies.Word]) error {
		for ctx.Err() == nil {
			if n, err := b.c.TryRecv(b.buf); n != 0 || err != nil {
				return b.e.broke(strategies.PromiseExactlyOnce, "TryRecv after a burst was drained returned %d, %v", n, err)
			}
			time.Sleep(pollEvery)
		}
		return nil
	}},
	{name: "the consumer waits with deadlines of 10 ms", needs: strategies.PromiseContext, do: func(ctx context.Context, b *burstFanIn[strategies.Word]) error {
		for ctx.Err() == nil {
			deadline, cancel := context.WithTimeout(context.Background(), pollEvery)
			n, err := b.c.RecvContext(deadline, b.buf)
			cancel()
			if n != 0 || err != context.DeadlineExceeded {
				return b.e.broke(strategies.PromiseContext, "RecvContext with a deadline after a burst was drained returned %d, %v", n, err)
			}
		}
		return nil
	}},
	{name: "100 items a second come", do: func(ctx context.Context, b *burstFanIn[strategies.Word]) error {
		for seq := uint64(0); ctx.Err() == nil; seq++ {
			if err := b.ps[0].Send(strategies.NewWord(0, seq)); err != nil {
				return b.e.broke(strategies.PromiseShrink, "Send after a burst returned %v", err)
			}
			if err := b.drain(1); err != nil {
				return err
			}
			time.Sleep(pollEvery)
		}
		return nil
	}},
}

// burstThenBusy weighs several fan-ins together, each with a use of its own after
// the burst. Only if they keep more than one of them may is each looked at alone.
func burstThenBusy(e *env) error {
	var uses []burstUse
	for _, use := range afterBurst {
		if use.needs == "" || e.strategy.Keeps(use.needs) {
			uses = append(uses, use)
		}
	}
	if kept, _, err := e.keptAfterBursts(uses); kept == 0 || err != nil {
		return err
	}
	for _, use := range uses {
		kept, allowed, err := e.keptAfterBursts([]burstUse{use})
		if err != nil {
			return err
		}
		if kept > 0 {
			return e.broke(strategies.PromiseShrink,
				"%d bytes more than before a burst, a second after the burst was drained while %s; %d are allowed", kept, use.name, allowed)
		}
	}
	return nil
}

// keptAfterBursts returns what fan-ins with these uses keep, 0 if that is no more than
// an eighth of what one held.
func (e *env) keptAfterBursts(uses []burstUse) (kept, allowed uint64, _ error) {
	items := 1 << 19 // in a short run, too: each may keep some for itself
	if process.RaceEnabled {
		items /= 2 // fewer do not tell an eighth from what is kept at rest
	}
	var bs []*burstFanIn[strategies.Word]
	for range uses {
		bs = append(bs, newBurstFanIn(e, e.strategy.Word, items))
	}
	allowed = uint64(items*8/8 + little)
	before := process.Heap()
	for range e.manyBursts() {
		for _, b := range bs {
			e.doing("draining a burst")
			if err := b.once(func(i int) strategies.Word { return strategies.NewWord(0, uint64(i)) }); err != nil {
				return 0, 0, err
			}
		}
		ctx, stop := context.WithCancel(context.Background())
		users := e.crew()
		for i, use := range uses {
			if use.do != nil {
				users.run(func() error { return use.do(ctx, bs[i]) })
			}
		}
		kept = e.kept(before, allowed)
		stop()
		if err := users.wait(); err != nil {
			return 0, 0, err
		}
		if kept > allowed {
			return kept, allowed, nil
		}
	}
	runtime.KeepAlive(bs)
	return 0, allowed, nil
}

// thousandsShrink has thousands of producers send, drains what they sent, and weighs
// the heap, twice: when all but one have closed, and when all stay open and idle.
func thousandsShrink(e *env) error {
	for _, closes := range []bool{true, false} {
		if err := e.thousandsOnce(closes); err != nil {
			return err
		}
	}
	return nil
}

// leastOfThousands is how many words each of a thousand producers sends at least: what
// is set aside for one that waits, some hundred bytes, is far less than an eighth of them.
const leastOfThousands = 500

// thousands returns how many producers, of how many words each, make a burst of
// thousands: 40 kB each in a full run, and fewer where moving them takes long.
func (e *env) thousands() (producers, items int, _ error) {
	const most, burstTime = 5000, time.Second
	producers, items = 2000, most
	switch {
	case e.short:
		producers, items = 500, 1000
	case process.RaceEnabled:
		producers, items = 1000, 1000
	}
	if e.strategy.Scans != "" { // the more producers, the longer a receive takes
		producers = 64
		items = min(items, mostItems(e.strategy.Descriptor, producers)/producers)
	}
	fan := e.words(items)
	b := &burstFanIn[strategies.Word]{e: e, fan: fan, c: fan.Consumer(), buf: make([]strategies.Word, 1000)}
	start := time.Now()
	p := fan.Producer()
	if err := b.all([]wordProducer{p}, sequence(0, 0, items)); err != nil {
		return 0, 0, err
	}
	p.Close()
	b.c.Close()
	perItem := max(1, time.Since(start)/time.Duration(items))
	return producers, min(items, max(leastOfThousands, int(burstTime/perItem)/producers)), nil
}

func (e *env) thousandsOnce(closes bool) error {
	producers, items, err := e.thousands()
	if err != nil {
		return err
	}
	if !closes {
		items = max(leastOfThousands, items/4) // what each keeps is seen at once
	}
	b := &burstFanIn[strategies.Word]{e: e, buf: make([]strategies.Word, 1000)}
	b.fan = e.words(items)
	b.c = b.fan.Consumer()
	keeper := b.fan.Producer()
	ps := make([]wordProducer, producers)
	batch := sequence(0, 0, items)
	before, allowed := process.Heap(), uint64(producers*items*8/8)+little
	for burst := range e.manyBursts() {
		b.open(ps)
		if !closes && burst == 0 {
			// What is set aside for a producer stays while it is open.
			if err := b.all(ps, batch[:1]); err != nil {
				return err
			}
			before = process.Heap()
		}
		if err := b.all(ps, batch); err != nil {
			return err
		}
		if n, err := b.c.TryRecv(b.buf); n != 0 || err != nil { // it has drained them once it has found nothing
			return e.broke(strategies.PromiseShrink, "TryRecv after all was received returned %d, %v", n, err)
		}
		state := "stay open"
		if closes {
			state = "have closed"
			closeAll(ps)
		}
		e.doing("weighing the memory left by %d producers that %s", producers, state)
		if kept := e.kept(before, allowed); kept > allowed {
			return e.broke(strategies.PromiseShrink,
				"%d bytes more than before, a second after the last item was received of %d producers of %d bytes each that %s; %d are allowed",
				kept, producers, items*8, state, allowed)
		}
	}
	runtime.KeepAlive(ps)
	leave(b.fan, slices.DeleteFunc(append(ps, keeper), func(p wordProducer) bool { return p == nil })...)
	return nil
}

// open opens the producers that are missing.
func (b *burstFanIn[T]) open(ps []strategies.Producer[T]) {
	for i := range ps {
		if ps[i] == nil {
			ps[i] = b.fan.Producer()
		}
		b.e.alive()
	}
}

// closeAll closes producers and forgets them.
func closeAll(ps []wordProducer) {
	for _, p := range ps {
		p.Close()
	}
	clear(ps)
}

// all sends a batch by each producer and drains: in the end, or after each one if
// they may share their room.
func (b *burstFanIn[T]) all(ps []strategies.Producer[T], batch []T) error {
	waiting := 0
	for i, p := range ps {
		if n, err := p.SendBatch(batch); err != nil {
			return b.e.broke(strategies.PromiseShrink, "SendBatch %d of %d items returned %d, %v although there was room", i+1, len(batch), n, err)
		}
		b.e.alive()
		waiting += len(batch)
		if notShared(b.e.strategy.Descriptor) == "" || b.e.strategy.Lossy || !b.e.strategy.Keeps(strategies.PromiseBound) {
			if err := b.drain(waiting); err != nil {
				return err
			}
			waiting = 0
		}
	}
	return b.drain(waiting)
}
