package trial

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/warmup"
)

// hasCurfew reports whether the rounds of a cell end when their time is up. Beside
// neighbours a strategy may be a hundred times as slow the next moment, so that a
// count of messages that the warm-up's rate makes of the duration lasts anything from
// no time to minutes. A count that was asked for, and uneven shares of one, stay.
func hasCurfew(c results.Cell) bool {
	return c.Busy > 0 && !c.IsOpen() && c.Messages == 0 && c.HotShare+c.Zipf == 0
}

// curfew ends a round of a closed loop when its time is up. Nil never does.
type curfew struct {
	after time.Duration
	over  atomic.Bool // written once, by the timer; a producer reads it after every curfewPiece sends
	timer *time.Timer
}

// curfewPiece is how many messages a producer sends between two looks: 64 sends cost
// a hundred times as much as the look, and a few ms where one of them waits for its
// turn behind a neighbour.
const curfewPiece = 64

// newCurfew returns a curfew after so long, nil for 0.
func newCurfew(after time.Duration) *curfew {
	if after == 0 {
		return nil
	}
	return &curfew{after: after}
}

// begin starts the time.
func (c *curfew) begin() {
	if c != nil {
		c.timer = time.AfterFunc(c.after, func() { c.over.Store(true) })
	}
}

// end takes the time back.
func (c *curfew) end() {
	if c != nil {
		c.timer.Stop()
	}
}

// passed reports whether the time is up.
func (c *curfew) passed() bool { return c != nil && c.over.Load() }

// inPieces has messages sent by means of send, which sends those from one up to another,
// a batch at a time: all in one go, or in pieces as long as there is time.
func (c *curfew) inPieces(from, to uint64, batch int, send func(from, to uint64) error) error {
	if c == nil {
		return send(from, to)
	}
	piece := uint64((curfewPiece + batch - 1) / batch * batch) // of whole batches
	for from < to && !c.passed() {
		next := min(from+piece, to)
		if err := send(from, next); err != nil {
			return err
		}
		from = next
	}
	return nil
}

// A round with a curfew has more messages than can be sent in it: as many as make
// curfewRate, or curfewRoom times the best rate so far. Each 512 of them cost 8 bytes.
const (
	curfewRate = 5e7 // messages per second
	curfewRoom = 4
)

// timed measures a closed loop whose rounds have a curfew: three of a third of the
// cell's duration to warm up, then the measured one.
func (t *trial) timed() (*results.Measurement, error) {
	length := time.Duration(t.cell.DurationNs)
	best := curfewRate
	var rounds []results.Window
	var rates []float64
	run := func(length time.Duration) (outcome, error) {
		return t.roundWithin(length, max(int64(t.cell.Producers), int64(best*length.Seconds())))
	}
	for range warmup.Rounds {
		out, err := run(length / warmup.Rounds)
		if err != nil {
			return nil, fmt.Errorf("warming up: %w", err)
		}
		rate := float64(out.Attempted) / (float64(out.lasted) / 1e9)
		best = max(best, curfewRoom*rate)
		rounds = append(rounds, results.Window{Messages: int64(out.Attempted), ElapsedNs: out.lasted})
		rates = append(rates, rate)
	}
	t.clock.Calibrate()
	out, err := run(length)
	if err != nil {
		return nil, err
	}
	m := t.report(out)
	m.WarmUp, m.Steady = rounds, warmup.Agree(rates)
	return m, nil
}
