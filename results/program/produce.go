package program

import (
	"fmt"
	"math/rand/v2"
	"sync"
)

// order is what the producers of a process are told: a round of messages.
type order struct {
	Quotas  []int64 `json:"quotas"`             // messages of each
	GapNs   float64 `json:"gap_ns,omitempty"`   // of an open loop: between two of a producer; 0: as fast as it can
	Random  bool    `json:"random,omitempty"`   // the gaps are exponentially distributed
	BeginNs int64   `json:"begin_ns,omitempty"` // of an open loop: when the first are due
	Seed    uint64  `json:"seed,omitempty"`
}

// done is what came of it.
type done struct {
	FirstNs int64 `json:"first_ns"` // when the first message was sent
	LastNs  int64 `json:"last_ns"`  // when the last send returned
}

// crew is the producers of one process.
type crew interface {
	run(order) (done, error)
}

// hands is the producers of this process.
type hands struct {
	all     int // in all processes: the first messages of an open loop are spread over a gap
	members []*member
	flush   func() error
}

// member is one producer.
type member struct {
	number  int
	seq     uint64
	sender  Sender
	message []byte
}

func newHands(p Producers, setup Setup, first, count int) (*hands, error) {
	h := &hands{all: setup.Producers, flush: func() error { return nil }}
	if flushing, ok := p.(Flushing); ok {
		h.flush = flushing.Flush
	}
	for i := range count {
		sender, err := p.Sender(first + i)
		if err != nil {
			return nil, fmt.Errorf("producer %d: %w", first+i, err)
		}
		h.members = append(h.members, &member{number: first + i, sender: sender, message: make([]byte, setup.Payload)})
	}
	return h, nil
}

func (h *hands) run(o order) (done, error) {
	all, errs := make([]done, len(h.members)), make([]error, len(h.members))
	var working sync.WaitGroup
	for i, m := range h.members {
		if o.Quotas[i] == 0 {
			continue
		}
		working.Go(func() {
			if o.GapNs > 0 {
				all[i], errs[i] = m.offer(o, o.Quotas[i], h.all)
			} else {
				all[i], errs[i] = m.send(o.Quotas[i])
			}
		})
	}
	working.Wait()
	var sum done
	for i, d := range all {
		if errs[i] != nil {
			return sum, fmt.Errorf("producer %d: %w", h.members[i].number, errs[i])
		}
		sum.add(d)
	}
	return sum, h.flush()
}

// add takes in what another one did; who did nothing has no times.
func (d *done) add(other done) {
	if d.FirstNs == 0 || other.FirstNs != 0 && other.FirstNs < d.FirstNs {
		d.FirstNs = other.FirstNs
	}
	d.LastNs = max(d.LastNs, other.LastNs)
}

// send sends so many messages as fast as it can.
func (m *member) send(quota int64) (done, error) {
	d := done{FirstNs: Now()}
	timed := len(m.message) >= atFill
	for range quota {
		fill(m.message, m.number, m.seq)
		if timed {
			if m.seq%timedStep == 0 {
				now := Now()
				setTimes(m.message, now, now)
			} else {
				setTimes(m.message, 0, 0)
			}
		}
		if err := m.sender.Send(m.message); err != nil {
			return d, err
		}
		m.seq++
	}
	d.LastNs = Now()
	return d, nil
}

// schedule returns what tells when the next message of a producer is due. Random times are
// those of a Poisson process of which as many arrivals as the producer has messages fall into
// the time of a round: exponential gaps, scaled so that they and one more make it up. Unscaled
// the last of many producers would be late by several per cent.
func (o order) schedule(number int, quota int64, all int) func() int64 {
	if !o.Random {
		due := float64(o.BeginNs) + o.GapNs*(float64(number)/float64(all)-1)
		return func() int64 { due += o.GapNs; return int64(due) }
	}
	chance := func() *rand.Rand { return rand.New(rand.NewPCG(o.Seed, uint64(number))) }
	sum, ahead := 0.0, chance()
	for range quota + 1 {
		sum += ahead.ExpFloat64()
	}
	due, unit, gaps := float64(o.BeginNs), o.GapNs*float64(quota)/sum, chance()
	return func() int64 { due += unit * gaps.ExpFloat64(); return int64(due) }
}

// offer sends each of so many messages when it is due.
func (m *member) offer(o order, quota int64, all int) (done, error) {
	alarm, err := newTimer()
	if err != nil {
		return done{}, err
	}
	defer alarm.close()
	next := o.schedule(m.number, quota, all)
	var d done
	for range quota {
		due := next()
		if err := alarm.until(due); err != nil {
			return d, err
		}
		fill(m.message, m.number, m.seq)
		now := Now()
		setTimes(m.message, now, due)
		if d.FirstNs == 0 {
			d.FirstNs = now
		}
		if err := m.sender.Send(m.message); err != nil {
			return d, err
		}
		m.seq++
	}
	d.LastNs = Now()
	return d, nil
}
