package conformance

import (
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/process"
)

// What is prompt is told by a buffered Go channel, which takes the same turns in the
// same process beside the same goroutines that compute: it takes microseconds where
// whoever yields takes 10 ms for each of them. Whatever else the machine does
// slows both down.

const (
	promptTurns  = 4               // of each, if they settle it; half of them in a short run
	promptTurn   = 60              // how many ms each is; half as long in a short run
	promptMost   = 48              // of each, before a strategy is accused
	promptTime   = 3 * time.Second // is enough too, after twice promptTurns; a short watchdog shortens it
	promptCrowd  = 4               // items sent each millisecond
	promptFactor = 10
	promptSlack  = time.Millisecond
	promptLate   = 5 * time.Millisecond
	// promptShare is how many more of a hundred items may be late than twice those of
	// the channel.
	promptShare = 40
	// promptRate is the part of a channel's rate that is asked for at full speed. With
	// four goroutines that compute on two processors a goroutine for each producer
	// between two channels gets a twentieth to a fortieth, a ring whose producers yield
	// to go on to the next a two-hundredth, one that yields before each send still less.
	promptRate = 100
	// promptRateRace is for the race detector, under which the scheduler has every
	// second goroutine that is readied wait its turn behind all that compute: an
	// unbuffered channel with a goroutine behind it gets a five-hundredth.
	promptRateRace = 1500
)

// pipe is what takes turns: a fan-in, or a channel. It is made anew for each turn.
type pipe struct {
	send  []func(strategies.Word) error // of each producer
	close []func()
	recv  func([]strategies.Word) (int, error)
}

func (e *env) fanInPipe(producers int) pipe {
	fan := e.strategy.Word(strategies.Options{Policy: e.strategy.DefaultPolicy()})
	t := pipe{recv: fan.Consumer().Recv}
	for range producers {
		p := fan.Producer()
		t.send, t.close = append(t.send, p.Send), append(t.close, p.Close)
	}
	return t
}

// channelPipe is a channel as large as the fan-in, or without room if that has none.
func (e *env) channelPipe(producers int) pipe {
	ch := make(chan strategies.Word, e.room(strategies.DefaultCapacity, 1))
	var open atomic.Int64
	open.Store(int64(producers))
	t := pipe{recv: func(buf []strategies.Word) (int, error) {
		w, ok := <-ch
		if !ok {
			return 0, io.EOF
		}
		buf[0] = w
		for n := 1; n < len(buf); n++ {
			select {
			case w, ok := <-ch:
				if !ok {
					return n, nil
				}
				buf[n] = w
			default:
				return n, nil
			}
		}
		return len(buf), nil
	}}
	for range producers {
		t.send = append(t.send, func(w strategies.Word) error { ch <- w; return nil })
		t.close = append(t.close, func() {
			if open.Add(-1) == 0 {
				close(ch)
			}
		})
	}
	return t
}

// computing runs twice as many goroutines that compute as there are processors, and
// returns what stops them.
func computing() (stop func()) {
	var stopped atomic.Bool
	var wg sync.WaitGroup
	for range 2 * runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			x := uint64(1)
			for !stopped.Load() {
				x = x*31 + 1
			}
			runtime.KeepAlive(x)
		})
	}
	return func() { stopped.Store(true); wg.Wait() }
}

// busyNeighbours sends a few items each millisecond beside goroutines that compute,
// by one producer and by several; by several in a short run.
func busyNeighbours(e *env) error {
	defer computing()()
	crowds := []int{1, 4}
	if e.short {
		crowds = []int{4}
	}
	for _, producers := range crowds {
		e.doing("sending now and then by %d producers beside goroutines that compute", producers)
		if err := e.pacedTurns(producers); err != nil {
			return err
		}
	}
	return nil
}

// transits are the times that items took.
type transits struct {
	medians []time.Duration // of each turn
	late    int
	items   int
}

func (t *transits) add(took []time.Duration) {
	for _, d := range took {
		if d > promptLate {
			t.late++
		}
	}
	t.items += len(took)
	t.medians = append(t.medians, median(took))
}

func (t *transits) median() time.Duration { return median(slices.Clone(t.medians)) }

// percentLate returns how many of a hundred items were late.
func (t *transits) percentLate() int { return 100 * t.late / max(1, t.items) }

// promptEnough is how many turns settle that a strategy is prompt.
func (e *env) promptEnough() int {
	if e.short {
		return promptTurns / 2
	}
	return promptTurns
}

func (e *env) promptTurn() time.Duration {
	if e.short {
		return promptTurn * time.Millisecond / 2
	}
	return promptTurn * time.Millisecond
}

func (e *env) promptTime() time.Duration { return min(promptTime, e.watchdog/3) }

// pacedTurns takes turns with the channel until the fan-in is found prompt, or never
// was.
func (e *env) pacedTurns(producers int) error {
	var fan, channel transits
	start := time.Now()
	for turn := 1; turn <= promptMost && (turn <= 2*promptTurns || time.Since(start) < e.promptTime()); turn++ {
		took, err := e.pacedTurn(e.fanInPipe(producers))
		if err != nil {
			return err
		}
		fan.add(took)
		if took, err = e.pacedTurn(e.channelPipe(producers)); err != nil {
			return err
		}
		channel.add(took)
		if turn >= e.promptEnough() && fan.median() <= promptFactor*channel.median()+promptSlack && fan.percentLate() <= 2*channel.percentLate()+promptShare {
			return nil
		}
	}
	return e.broke(strategies.PromisePrompt,
		"beside computing goroutines half of the items of %d producers took %v or longer, and %d%% over %v; a channel's %v and %d%%",
		producers, fan.median(), fan.percentLate(), promptLate, channel.median(), channel.percentLate())
}

// pacedTurn has producers send for a while and returns how long each item took from
// the call of its send to its receive.
func (e *env) pacedTurn(t pipe) ([]time.Duration, error) {
	const most = promptTurn * promptCrowd
	turn, start := e.promptTurn(), time.Now()
	sentAt := make([][most]time.Duration, len(t.send))
	senders, consumer := e.crew(), e.crew()
	var took []time.Duration
	consumer.run(func() error {
		return e.consumePipe(t, func(w strategies.Word) error {
			if w.Producer() >= len(t.send) || w.Seq() >= most {
				return e.broke(strategies.PromiseIntact, "received %#x, which nobody sent", uint64(w))
			}
			took = append(took, time.Since(start)-sentAt[w.Producer()][w.Seq()])
			return nil
		})
	})
	for i := range t.send {
		senders.run(func() error {
			defer t.close[i]()
			for seq := 0; seq < promptCrowd || seq < most && time.Since(start) < turn; seq++ {
				sentAt[i][seq] = time.Since(start)
				if err := t.send[i](strategies.NewWord(i, uint64(seq))); err != nil {
					return e.broke(strategies.PromisePrompt, "Send returned %v", err)
				}
				if seq%promptCrowd == promptCrowd-1 {
					time.Sleep(time.Millisecond)
				}
			}
			return nil
		})
	}
	err := e.waitBoth(senders, consumer)
	return took, err
}

// waitBoth waits for both; took and the like are complete only then.
func (e *env) waitBoth(a, b *crew) error {
	err := a.wait()
	if failed := b.wait(); err == nil {
		err = failed
	}
	return err
}

// consumePipe receives until the end.
func (e *env) consumePipe(t pipe, item func(strategies.Word) error) error {
	buf := make([]strategies.Word, 64)
	for {
		n, err := t.recv(buf)
		e.alive()
		if atEnd, err := e.received(n, len(buf), err); atEnd || err != nil {
			return err
		}
		for _, w := range buf[:n] {
			if err := item(w); err != nil {
				return err
			}
		}
	}
}

// busyFullSpeed sends at full speed beside goroutines that compute.
func busyFullSpeed(e *env) error {
	defer computing()()
	const producers = 3
	part := float64(promptRate)
	if process.RaceEnabled {
		part = promptRateRace
	}
	e.doing("sending at full speed beside goroutines that compute")
	var fan, channel float64
	start, turn := time.Now(), 1
	for ; turn <= promptMost && (turn <= 2*promptTurns || time.Since(start) < e.promptTime()); turn++ {
		rate, err := e.fastTurn(e.fanInPipe(producers))
		if err != nil {
			return err
		}
		fan += rate
		if rate, err = e.fastTurn(e.channelPipe(producers)); err != nil {
			return err
		}
		channel += rate
		if turn >= e.promptEnough() && fan*part >= channel {
			return nil
		}
	}
	return e.broke(strategies.PromisePrompt, "beside computing goroutines %.2g items a second are received, and %.2g of a channel",
		fan/float64(turn-1), channel/float64(turn-1))
}

// fastTurn returns how many items a second come of producers at full speed.
func (e *env) fastTurn(t pipe) (perSecond float64, _ error) {
	turn, start := e.promptTurn(), time.Now()
	senders, consumer := e.crew(), e.crew()
	items := 0
	var took time.Duration
	consumer.run(func() error {
		defer func() { took = time.Since(start) }()
		return e.consumePipe(t, func(strategies.Word) error { items++; return nil })
	})
	for i := range t.send {
		senders.run(func() error {
			defer t.close[i]()
			for seq := uint64(0); seq%8 != 0 || time.Since(start) < turn; seq++ {
				if err := t.send[i](strategies.NewWord(i, seq)); err != nil {
					return e.broke(strategies.PromisePrompt, "Send returned %v", err)
				}
			}
			return nil
		})
	}
	err := e.waitBoth(senders, consumer)
	return float64(items) / took.Seconds(), err
}
