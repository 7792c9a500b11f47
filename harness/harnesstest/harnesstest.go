package harnesstest

import (
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/saboteurs"
)

// Misbehaving are strategies that fail in ways a trial must survive.
func Misbehaving() []strategies.Strategy {
	named := func(name string, send func(strategies.Producer[strategies.Word], strategies.Word) error) strategies.Strategy {
		return strategies.Strategy{
			Descriptor: strategies.Descriptor{Name: name},
			Word: func(o strategies.Options) strategies.FanIn[strategies.Word] {
				return Altered{strategies.NewMutexSwap[strategies.Word](o), send}
			},
		}
	}
	var hoard [][]byte
	return []strategies.Strategy{
		named("panics", func(strategies.Producer[strategies.Word], strategies.Word) error { panic("out of lanes") }),
		named("hangs", func(strategies.Producer[strategies.Word], strategies.Word) error { select {} }),
		named("loses", func(p strategies.Producer[strategies.Word], w strategies.Word) error {
			if w.Seq() == 500 {
				return nil
			}
			return p.Send(w)
		}),
		named("hoards", func(p strategies.Producer[strategies.Word], w strategies.Word) error {
			kept := make([]byte, 1<<20)
			for i := 0; i < len(kept); i += 4096 {
				kept[i] = 1
			}
			hoard = append(hoard, kept)
			time.Sleep(time.Millisecond)
			return p.Send(w)
		}),
	}
}

// Altered is a fan-in whose Send is replaced.
type Altered struct {
	strategies.FanIn[strategies.Word]
	Send func(strategies.Producer[strategies.Word], strategies.Word) error
}

// Producer opens one that sends in the other way.
func (f Altered) Producer() strategies.Producer[strategies.Word] {
	return alteredProducer{f.FanIn.Producer(), f.Send}
}

type alteredProducer struct {
	strategies.Producer[strategies.Word]
	send func(strategies.Producer[strategies.Word], strategies.Word) error
}

func (p alteredProducer) Send(w strategies.Word) error { return p.send(p.Producer, w) }

// Cell returns a cell in which a strategy sends little, without waiting.
func Cell(s strategies.Strategy, producers int) results.Cell {
	return results.Cell{
		Strategy: s.Name, Producers: producers, Arrival: results.ArrivalClosed, Payload: results.MinPayload,
		SendBatch: 1, RecvBatch: 256, GOMAXPROCS: 2, Messages: 20_000,
	}
}

// Servable returns what a child of these tests can run.
func Servable() []strategies.Strategy {
	known := append(strategies.All(), Misbehaving()...)
	for _, s := range saboteurs.All() {
		known = append(known, s.Strategy)
	}
	return known
}

// Settles waits until something holds, and reports whether it ever did.
func Settles(holds func() bool) bool {
	for range 200 {
		if holds() {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}
