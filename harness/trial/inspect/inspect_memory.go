package inspect

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/strategies"
)

const (
	// heapNoise is by how much the live heap may differ between two weighings for
	// reasons of the runtime's.
	heapNoise = 8 << 10
	// perThousand is how many bytes may be kept of 1000 items, over parts of so many
	// items, or as many as go through in partTakes of CPU time or partLasts; a part of
	// fewer than leastPart tells nothing.
	perThousand = 16
	partItems   = 1 << 19
	partTakes   = 400 * time.Millisecond
	partLasts   = 2 * time.Second
	leastPart   = 1 << 18
	// turnItems is how many items are under way at most, so that no buffer grows.
	turnItems = 256
	// keptOf is how many bytes may be kept of a producer that closed, and how many
	// producers a part has, after so many that have been before: what is kept of the
	// first few thousand only does not grow.
	keptOf        = 32
	partProducers = 1024
	firstOnes     = 2048
	parts         = 2
)

// feed is a fan-in of which one goroutine does what has to do with sending, in turns,
// while another receives.
type feed struct {
	fan   strategies.FanIn[strategies.Word]
	turns chan func() error
	ended chan error
	buf   []strategies.Word
}

func newFeed(fan strategies.FanIn[strategies.Word]) *feed {
	f := &feed{fan: fan, turns: make(chan func() error), ended: make(chan error, 1), buf: make([]strategies.Word, turnItems)}
	go func() {
		for turn := range f.turns {
			err := turn()
			if err != nil {
				fan.Consumer().Close() // what it waits for will not come
			}
			f.ended <- err
		}
	}()
	return f
}

var errEnded = errors.New("the fan-in ended while items were on their way")

// do receives so many items while a turn is taken that sends them.
func (f *feed) do(items int, turn func() error) error {
	f.turns <- turn
	var failed error
	for got := 0; got < items && failed == nil; {
		n, err := f.fan.Consumer().Recv(f.buf[:min(len(f.buf), items-got)])
		if got += n; err != nil {
			failed = fmt.Errorf("%w: %w", errEnded, err)
		}
	}
	if err := <-f.ended; err != nil {
		return err
	}
	return failed
}

func (f *feed) end() { close(f.turns) }

// perItem moves items through a fan-in that never has many, and weighs the heap after
// each part of them. What grows with every part does so with the items.
func (i *Inspection) perItem() error {
	fan := i.specimen(strategies.Block)
	f, p := newFeed(fan), fan.Producer()
	defer f.end()
	defer p.Close()
	seq := uint64(0)
	turn := func() error {
		for range turnItems {
			if err := p.Send(strategies.NewWord(0, seq)); err != nil {
				return err
			}
			seq++
		}
		return nil
	}
	move := func() (items int64, err error) {
		begun, before := time.Now(), machine.ReadUsage()
		for items < partItems && err == nil && time.Since(begun) < partLasts && machine.ReadUsage().Since(before).Cpu < partTakes {
			for range 64 {
				if err = f.do(turnItems, turn); err != nil {
					break
				}
				items += turnItems
			}
		}
		return items, err
	}
	return i.grows(fan, leastPart, move, func(items int64) int64 { return items * perThousand / 1000 }, "items")
}

// perProducer opens producers, has each send an item, closes them and receives,
// while one stays open.
func (i *Inspection) perProducer() error {
	fan := i.specimen(strategies.Block)
	f, keeper := newFeed(fan), fan.Producer()
	defer f.end()
	defer keeper.Close()
	const atOnce = 64
	turn := func() error {
		for range atOnce {
			p := fan.Producer()
			if err := p.Send(0); err != nil {
				return err
			}
			p.Close()
		}
		return nil
	}
	count := int64(firstOnes - partProducers) // grows moves a part before it weighs
	move := func() (producers int64, err error) {
		for ; producers < count && err == nil; producers += atOnce {
			err = f.do(atOnce, turn)
		}
		return producers, err
	}
	if _, err := move(); err != nil {
		return err
	}
	count = partProducers
	return i.grows(fan, partProducers, move, func(producers int64) int64 { return producers * keptOf }, "producers that closed")
}

// grows moves a part to begin with, then weighs the heap around each of the next. It
// is no finding if a part has fewer than so many, or if one part keeps no more than
// is allowed.
func (i *Inspection) grows(fan strategies.FanIn[strategies.Word], least int64, move func() (int64, error), allowed func(int64) int64, of string) error {
	if n, err := move(); err != nil || n < least {
		return err
	}
	before := LiveHeap()
	var grown, moved int64
	for range parts {
		n, err := move()
		if err != nil || n < least {
			return err
		}
		now := Shrunk(before + allowed(n) + heapNoise)
		if now <= before+allowed(n)+heapNoise {
			return nil
		}
		grown, moved, before = grown+now-before, moved+n, now
	}
	runtime.KeepAlive(fan)
	return record.Broke(strategies.PromiseShrink, "%d bytes more were in use after %d %s, with nothing left to receive", grown, moved, of)
}
