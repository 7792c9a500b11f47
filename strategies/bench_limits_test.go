package strategies_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// What limits a send, measured by itself. docs/LANES.md quotes these.

var escape any

// BenchmarkPublish is what the send of a fan-in whose consumer may park cannot do
// without: an atomic store, after its item was written. No line of cache moves.
func BenchmarkPublish(b *testing.B) {
	b.Run("store=atomic", func(b *testing.B) {
		var tail atomic.Uint64
		for i := range b.N {
			tail.Store(uint64(i))
		}
	})
	b.Run("store=item+atomic", func(b *testing.B) {
		lane := &struct {
			sent  uint64
			slots []strategies.Word
			_     [128]byte
			tail  atomic.Uint64
		}{slots: make([]strategies.Word, 1024)}
		escape = lane // its fields are in memory, as a lane's are
		for range b.N {
			lane.slots[lane.sent&1023] = strategies.Word(lane.sent)
			lane.sent++
			lane.tail.Store(lane.sent)
		}
	})
}

// BenchmarkAlone has one goroutine send half of what fits by default and receive
// it, over and over: a send and a receive without anything moving between cores.
func BenchmarkAlone(b *testing.B) {
	const part = 512
	for _, s := range strategies.All() {
		if s.Floor || s.Bound == strategies.Rendezvous {
			continue
		}
		b.Run("strategy="+s.Name, func(b *testing.B) {
			f := s.Word(strategies.Options{})
			p, buf := f.Producer(), make([]strategies.Word, 256)
			for sent := 0; sent < b.N; sent += part {
				for seq := range part {
					if err := p.Send(strategies.NewWord(0, uint64(seq))); err != nil {
						b.Fatal(err)
					}
				}
				for received := 0; received < part; {
					n, err := f.Consumer().Recv(buf)
					if err != nil {
						b.Fatal(err)
					}
					received += n
				}
			}
		})
	}
}

// BenchmarkReceive is the receive alone: one goroutine sends half of what fits by
// default, and the time is of taking it out with buffers of such a length.
func BenchmarkReceive(b *testing.B) {
	const part = 512
	for _, s := range strategies.All() {
		if s.Floor || s.Bound == strategies.Rendezvous {
			continue
		}
		for _, length := range []int{1, 256} {
			b.Run(fmt.Sprintf("strategy=%s/buffer=%d", s.Name, length), func(b *testing.B) {
				f := s.Word(strategies.Options{})
				p, c, buf := f.Producer(), f.Consumer(), make([]strategies.Word, length)
				items := make([]strategies.Word, part)
				var receiving time.Duration
				received := 0
				for received < b.N {
					if _, err := p.SendBatch(items); err != nil {
						b.Fatal(err)
					}
					start := time.Now()
					for end := received + part; received < end; {
						n, err := c.Recv(buf)
						if err != nil {
							b.Fatal(err)
						}
						received += n
					}
					receiving += time.Since(start)
				}
				b.ReportMetric(float64(receiving.Nanoseconds())/float64(received), "ns/item")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// BenchmarkLines is what it costs to write to lines of cache that another core has
// read since, so many of them in a row: per line, without the time that the other
// core reads.
func BenchmarkLines(b *testing.B) {
	if runtime.GOMAXPROCS(0) < 2 {
		b.Skip("needs two cores")
	}
	const wordsPerLine = 8
	for _, lines := range []int{1, 16, 128} {
		b.Run(fmt.Sprintf("lines=%d", lines), func(b *testing.B) {
			words := make([]uint64, lines*wordsPerLine)
			var shared struct { // each on a line of its own
				_     [128]byte
				turn  atomic.Int64 // even: ours, odd: the reader's, negative: the end
				_     [128]byte
				fence atomic.Int64
				_     [128]byte
			}
			turn, fence := &shared.turn, &shared.fence
			read := make(chan uint64)
			go func() {
				sum := uint64(0)
				for t := turn.Load(); t >= 0; t = turn.Load() {
					if t%2 == 1 {
						for i := 0; i < len(words); i += wordsPerLine {
							sum += words[i]
						}
						turn.Store(t + 1)
					}
				}
				read <- sum
			}()
			var writing time.Duration
			n := 0
			for ; n < b.N; n += lines {
				for turn.Load()%2 != 0 { //nolint:revive // spins until it is its turn
				}
				start := time.Now()
				for i := 0; i < len(words); i += wordsPerLine {
					words[i] = uint64(n)
				}
				fence.Store(1) // waits for the lines to be there
				writing += time.Since(start)
				turn.Add(1)
			}
			for turn.Load()%2 != 0 { //nolint:revive // spins until the reader is done
			}
			turn.Store(-1)
			<-read
			b.ReportMetric(float64(writing.Nanoseconds())/float64(n), "ns/line")
			b.ReportMetric(0, "ns/op")
		})
	}
}
