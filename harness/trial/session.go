package trial

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/trial/schedule"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/warmup"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// SlicesVersion is the version of how a trial takes turns with others. Since version 2 its
// first slice leads in: it is not part of what is measured.
const SlicesVersion = 2

const (
	// SliceLength is how long most slices last: see SliceOf. In shorter ones the system has
	// not spread the threads of a process that rested over the processors.
	SliceLength = 32 * time.Millisecond
	// LeastTurns is how many turns a trial has at least: of slices so long that a trial's
	// duration has fewer, there are as many for all that. A median of them stands up to
	// three that something disturbed.
	LeastTurns = 7
	// warmUpSlices is how many slices the warm-up takes as long as, at most.
	warmUpSlices = 4
)

// SliceOf returns how long a slice of a cell lasts, about, where that is enough to tell a
// rate: short ones where it is measured for a short time, unless the cell says it.
func SliceOf(c results.Cell) time.Duration {
	if c.SliceNs > 0 {
		return time.Duration(c.SliceNs)
	}
	return max(1, min(SliceLength, time.Duration(c.DurationNs)/LeastTurns))
}

// Turns returns how many slices of some length, about, are measured of a trial.
func Turns(duration, slice time.Duration) int {
	return max(LeastTurns, int((duration+slice/2)/slice))
}

// Slicing asks a trial to take turns with others.
type Slicing struct {
	Version  int   `json:"version"`   // SlicesVersion
	LengthNs int64 `json:"length_ns"` // of a slice, about
}

// Ready is what a trial says when it has warmed up.
type Ready struct {
	SliceNs  int64 `json:"slice_ns"` // how long a slice will take, about: more than was asked for where that is too little to tell a rate
	Messages int64 `json:"messages"` // in each
}

// Slice is what a trial says of a slice.
type Slice struct {
	Messages  int64 `json:"messages"`
	ElapsedNs int64 `json:"elapsed_ns"`            // from its first send to its last receive
	IdleCPUNs int64 `json:"idle_cpu_ns,omitempty"` // that the process has used since it answered last, waiting for its turn; 0 if it is not the trial's alone
}

// Partner is who has a trial take turns with others.
type Partner interface {
	// Ready takes note that the trial has warmed up.
	Ready(Ready) error
	// Next waits for what is next: a slice, or the end.
	Next() (slice bool, err error)
	// Did takes note of a slice.
	Did(Slice) error
}

// TakesTurns reports why trials of a cell cannot be measured in slices, nil if they can:
// see the package's documentation.
func TakesTurns(c results.Cell) error {
	switch {
	case !c.IsClosed():
		return errors.New("it is not a closed loop")
	case c.Busy > 0:
		return errors.New("its neighbours compute without end")
	case c.Messages > 0:
		return errors.New("it has a given number of messages")
	case c.Policy != "" && c.Policy != strategies.Block.String():
		return errors.New("its consumer cannot know how many messages are still to come")
	case c.StallEveryNs > 0:
		return errors.New("its stalls are longer than slices")
	case timesAll(c):
		return errors.New("somebody in it sleeps")
	case c.Sink != "" && c.Sink != results.SinkDiscard:
		return errors.New("what its sink is given may be dealt with later")
	}
	return nil
}

// checkSlicing reports why a trial cannot take turns as its spec says.
func checkSlicing(spec Spec, partner Partner) error {
	if v := spec.Slices.Version; v != SlicesVersion {
		return fmt.Errorf("it is to take turns by version %d; this program knows version %d", v, SlicesVersion)
	}
	if partner == nil || spec.Slices.LengthNs < 1 {
		return errors.New("it is to take turns with nobody, or in slices of no length")
	}
	if err := TakesTurns(spec.Cell); err != nil {
		return fmt.Errorf("it cannot take turns: %w", err)
	}
	return nil
}

// session is a closed loop in slices.
type session struct {
	*trial
	load    load
	partner Partner
	quotas  []uint64 // of a slice

	slices int           // the first one leads in, after the wait for those that warm up
	rested machine.Usage // what had been used when it began to wait for its turn
}

// inTurns measures a closed loop in slices: it warms up in slices, too, and then runs one
// whenever its partner says so.
func (t *trial) inTurns(partner Partner) (*results.Measurement, error) {
	load, err := t.newLoad(make([]uint64, t.cell.Producers), nil)
	if err != nil {
		return nil, err
	}
	s := &session{trial: t, load: load, partner: partner}
	load.stand()
	runtime.GC() // the warm-up starts with a clean heap
	w := t.warmUp()
	// More turns need no longer warm-up. A rate to within a tenth is enough to tell how many
	// messages a slice has.
	w.Budget = min(w.Budget, warmUpSlices*time.Duration(t.spec.Slices.LengthNs))
	err = w.Run(windows(func(messages int64) (outcome, error) { return load.slice(schedule.QuotasOf(t.cell, messages)) }))
	if err != nil {
		err = fmt.Errorf("warming up: %w", err)
	} else {
		err = s.run(w)
	}
	out, err := load.depart(err)
	if err != nil {
		return nil, err
	}
	m := t.report(out)
	m.WarmUp, m.Steady = w.Windows, w.Steady
	return m, nil
}

// run runs the slices that are measured.
func (s *session) run(w *warmup.WarmUp) error {
	s.clock.Calibrate() // again, over a longer span
	messages := w.MessagesIn(time.Duration(s.spec.Slices.LengthNs))
	s.quotas = schedule.QuotasOf(s.cell, messages)
	runtime.GC() // the slices start with a clean heap
	s.rested = machine.ReadUsage()
	err := s.partner.Ready(Ready{SliceNs: int64(float64(messages) / w.Rate * 1e9), Messages: messages})
	for err == nil {
		s.guard.rest()
		var slice bool
		slice, err = s.partner.Next()
		s.guard.resume()
		if err != nil || !slice {
			break
		}
		err = s.slice()
	}
	if err == nil && s.slices < 2 {
		err = errors.New("it was ended before its first slice")
	}
	return err
}

// slice runs one slice and says what it came to.
func (s *session) slice() error {
	var idle time.Duration
	if s.alone {
		idle = machine.ReadUsage().Since(s.rested).Cpu
	}
	out, err := s.load.slice(s.quotas)
	if err != nil {
		return err
	}
	if s.slices++; s.slices == 1 {
		s.load.forget()
	}
	s.rested = machine.ReadUsage()
	return s.partner.Did(Slice{Messages: int64(out.Attempted), ElapsedNs: out.lasted, IdleCPUNs: int64(idle)})
}
