package strategies_test

import (
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// BenchmarkSend moves words through every strategy. For figures to quote use
// `fanin-bench run`, which checks deliveries and interleaves what it compares;
// this is for profiles.
func BenchmarkSend(b *testing.B) {
	for _, s := range strategies.All() {
		for _, producers := range []int{1, 2, 4, 8, 16, 64, 256, 1000, 10_000} {
			for _, batch := range []int{1, 32} {
				b.Run(fmt.Sprintf("strategy=%s/producers=%d/batch=%d", s.Name, producers, batch), func(b *testing.B) {
					benchmarkSend(b, s.Word(strategies.Options{}), producers, batch)
				})
			}
		}
	}
}

// BenchmarkIdle has one producer send among others that only sent once.
func BenchmarkIdle(b *testing.B) {
	for _, s := range strategies.All() {
		if s.Floor { // makes items up when its producers close, and these do not
			continue
		}
		for _, idle := range []int{0, 10_000} {
			b.Run(fmt.Sprintf("strategy=%s/idle=%d", s.Name, idle), func(b *testing.B) {
				f := s.Word(strategies.Options{})
				if s.Bound != strategies.Rendezvous {
					buf := make([]strategies.Word, 1)
					for range idle {
						_ = f.Producer().Send(0)
						_, _ = f.Consumer().TryRecv(buf)
					}
				}
				p := f.Producer()
				go func() {
					for seq := range b.N {
						_ = p.Send(strategies.NewWord(0, uint64(seq)))
					}
				}()
				buf := make([]strategies.Word, 256)
				b.ResetTimer()
				for received := 0; received < b.N; {
					n, err := f.Consumer().Recv(buf)
					if err != nil {
						b.Fatal(err)
					}
					received += n
				}
			})
		}
	}
}

// BenchmarkOpen opens a producer for one item and closes it, in 64 goroutines at once,
// while another stays open. The time is of all together: an item each so often.
func BenchmarkOpen(b *testing.B) {
	const goroutines = 64
	for _, s := range strategies.All() {
		if s.Floor { // makes items up
			continue
		}
		b.Run("strategy="+s.Name, func(b *testing.B) {
			b.ReportAllocs()
			f := s.Word(strategies.Options{})
			keeper := f.Producer()
			b.ResetTimer()
			var senders sync.WaitGroup
			for i := range goroutines {
				senders.Go(func() {
					for seq := range (b.N + i) / goroutines {
						p := f.Producer()
						_ = p.Send(strategies.NewWord(i, uint64(seq)))
						p.Close()
					}
				})
			}
			go func() {
				senders.Wait()
				keeper.Close()
			}()
			receiveAll(b, f)
		})
	}
}

func benchmarkSend(b *testing.B, f strategies.FanIn[strategies.Word], producers, batch int) {
	b.ReportAllocs()
	gate := make(chan struct{})
	for i := range producers {
		p := f.Producer()
		go func() {
			defer p.Close()
			items := make([]strategies.Word, batch)
			<-gate
			for seq := 0; seq < b.N/producers; seq += batch {
				if batch == 1 {
					_ = p.Send(strategies.NewWord(i, uint64(seq)))
				} else {
					_, _ = p.SendBatch(items)
				}
			}
		}()
	}
	b.ResetTimer()
	close(gate)
	receiveAll(b, f)
}

func receiveAll(b *testing.B, f strategies.FanIn[strategies.Word]) {
	buf := make([]strategies.Word, 256)
	sum := strategies.Word(0)
	for {
		n, err := f.Consumer().Recv(buf)
		if err == io.EOF {
			break
		}
		if err != nil {
			b.Fatal(err)
		}
		for _, w := range buf[:n] {
			sum += w
		}
	}
	_ = sum
}
