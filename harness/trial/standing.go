package trial

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/trial/monitor"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// standing is what a round has besides whose fan-in stands between slices: its producers
// wait at the gate, its consumer has received all that they sent, and nobody runs.
type standing[T any] struct {
	consumer strategies.Consumer[T]
	buf      []T
	sent     []uint64 // by producer: of all slices
	until    []uint64 // by producer: at the end of the slice
	spent    spending
	monitor  *monitor.Monitor
	sums     outcome // of the slices that are measured
}

// spending reads what the process uses. It allocates nothing while a slice is on.
type spending struct {
	before, after machine.Counters
	used          machine.Usage
	parks         *int64
	receives      int64
}

// stand opens the producers for slices; depart must follow.
func (r *round[T]) stand() {
	r.open(r.fanIn, r.driver, len(r.quotas))
	r.consumer, r.buf = r.receiver(), make([]T, r.recvBatch)
	r.sent, r.until = make([]uint64, len(r.quotas)), make([]uint64, len(r.quotas))
	r.expect(r.until)
	r.forget()
}

// forget begins the books anew, but for those of deliveries: what follows is measured.
func (r *round[T]) forget() {
	r.sums = outcome{rec: record.NewSliceRecorder(len(r.quotas), r.clock)}
	r.rec, r.monitor = r.sums.rec, monitor.New(r.gauges())
	r.spent = spending{}
	r.spent.before.Read() // makes room for the readings
	r.spent.after.Read()
}

// slice has the producers send their quotas and receives them. It returns what that
// came to, and an error if a delivery was wrong, after which depart must follow.
func (r *round[T]) slice(quotas []uint64) (out outcome, err error) {
	total := uint64(0)
	for id, quota := range quotas {
		total += quota
		r.until[id] = r.sent[id] + quota
	}
	r.driver.begin(r.sent, r.until)
	r.rec.GoOn(r.sent, r.until)
	gate := r.gate
	gate.plan()
	vigil := r.watchOver(gate)
	r.monitor.Resume()
	r.begin() // last: nothing of the harness's own is to be counted
	gate.open(quotas, false)
	last, err := r.receive(total)
	if err == nil {
		<-gate.sent
	}
	r.monitor.Hold()
	vigil.end()
	if err != nil {
		return out, err
	}
	r.end()
	r.gate = gate.next
	copy(r.sent, r.until)
	out.Tally = r.tally()
	out.delivered, out.lasted = total, max(1, r.clock.Ns(last-out.First))
	r.sums.Tally.Add(out.Tally)
	r.sums.delivered += out.delivered
	r.sums.lasted += out.lasted
	return out, r.checkRest()
}

// begin reads what has been used so far.
func (r *round[T]) begin() {
	s := &r.spent
	s.parks, s.receives, s.used = r.parks(), 0, machine.ReadUsage()
	s.before.Read()
}

// end adds what was used since begin to the sums.
func (r *round[T]) end() {
	s := &r.spent
	s.after.Read()
	sums := &r.sums
	sums.used = sums.used.Plus(machine.ReadUsage().Since(s.used))
	sums.runtime.Add(&s.before, &s.after)
	if parks := r.parks(); parks != nil {
		*parks -= *s.parks
		if sums.parks != nil {
			*parks += *sums.parks
		}
		sums.parks = parks
	}
	sums.receives += s.receives
}

// receive receives so many items and returns when the last came, in ticks.
func (r *round[T]) receive(total uint64) (last int64, err error) {
	for left := total; left > 0; {
		checked, n, err := r.take(r.consumer, r.buf[:min(uint64(len(r.buf)), left)], left)
		r.spent.receives += checked
		left -= uint64(checked)
		if err == io.EOF {
			return 0, errEarly
		}
		if err != nil {
			return 0, fmt.Errorf("receiving after %d items: %w", r.check.Received, err)
		}
		if n > 0 {
			r.spent.receives++
			left -= uint64(n)
			r.driver.consume(r.buf[:n], r.check, r.rec)
		}
		if r.check.Stray != nil {
			return 0, r.check.Stray
		}
	}
	return r.clock.Now(), nil
}

// checkRest holds against a strategy what its backlog reads when all has been received.
// Goroutines of its own may be about to take note of that. The floor's is behind.
func (r *round[T]) checkRest() error {
	if !r.strategy.Keeps(strategies.PromiseBacklog) || r.strategy.Floor {
		return nil
	}
	for begun := time.Now(); ; time.Sleep(time.Millisecond) {
		backlog := r.fanIn.Backlog()
		if backlog == 0 {
			return nil
		}
		if time.Since(begun) > restWithin {
			return record.Broke(strategies.PromiseBacklog, "it read %d when all items had been received and nobody sent", backlog)
		}
	}
}

// restWithin is how long a backlog may take to read 0.
const restWithin = time.Second

// errEarly says that a slice's items did not all come: the fan-in has ended.
var errEarly = errors.New("the fan-in ended before the slice did")

// depart ends it: the producers close, and what is left is received, which is to be
// nothing. It returns the sums of what was measured. failed is the error of the last
// slice.
func (r *round[T]) depart(failed error) (outcome, error) {
	err := r.leave(failed)
	out := r.sums
	out.watched = r.monitor.Seen()
	sink, sinkErr := r.work.finish()
	out.sink = sink
	if err == nil {
		err = cmp.Or(sinkErr, r.checkGauges(out.watched.Samples))
	}
	if err == nil {
		r.read(&out)
	}
	return out, err
}

// leave has the producers close and receives until the end.
func (r *round[T]) leave(failed error) error {
	defer r.fanIn.Consumer().Close()
	lost := errors.Is(failed, errEarly)
	if failed != nil && !lost {
		r.fanIn.Consumer().Close() // who waits for room there gets on
	}
	r.gate.open(nil, true)
	r.gate.next.open(nil, true) // of a slice that failed, which had opened its own
	err := failed
	for err == nil {
		var n int
		n, err = r.consumer.Recv(r.buf)
		r.driver.consume(r.buf[:n], r.check, r.rec)
	}
	r.ended.Wait()
	switch {
	case failed != nil && !lost:
		return failed
	case !lost && err != io.EOF:
		return fmt.Errorf("receiving after %d items: %w", r.check.Received, err)
	}
	if err := r.settle(new(outcome)); err != nil {
		return err
	}
	return failed
}

// vigil watches for a slice that will not end: all has been sent, nothing waits, and the
// consumer does not have it all. Then something was lost, and the fan-in is ended, for
// the books to say what.
type vigil struct {
	timer *time.Timer
	over  atomic.Bool
}

const (
	// vigilEvery is how often it looks: no slice of an ordinary length lives to see it.
	vigilEvery = 500 * time.Millisecond
	// vigilLooks is how many looks in a row have to show nothing that waits, beside the
	// time that the consumer takes over what it has in hand; blindLooks are those at a
	// fan-in that cannot tell.
	vigilLooks = 4
	blindLooks = 20
)

// watchOver begins the vigil of the slice behind a gate.
func (r *round[T]) watchOver(g *gate) *vigil {
	blind := !r.strategy.Keeps(strategies.PromiseBacklog)
	looks := vigilLooks
	if blind {
		looks = blindLooks
	}
	looks += int(2 * time.Duration(r.recvBatch) * r.pace / vigilEvery)
	v, seen := new(vigil), 0
	v.timer = time.AfterFunc(time.Hour, func() {
		switch {
		case v.over.Load():
			return
		case g.sending.Load() == 0 && (blind || r.fanIn.Backlog() == 0):
			seen++
		default:
			seen = 0
		}
		if seen < looks {
			v.timer.Reset(vigilEvery)
			return
		}
		g.next.open(nil, true)
	})
	v.timer.Reset(vigilEvery) // not before it is known by its name
	return v
}

func (v *vigil) end() {
	v.over.Store(true)
	v.timer.Stop()
}
