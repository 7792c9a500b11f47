package strategies_test

import (
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// sharedSend is a way for any goroutine to send.
type sharedSend struct {
	name string
	open func() (send func(strategies.Word), finish func(), receive func([]strategies.Word) (int, error))
}

// sharedSends are a bare channel, what goroutines do with handles, and Senders.
func sharedSends() []sharedSend {
	sends := []sharedSend{{"chan-bare", bareChannel}}
	for _, s := range strategies.All() {
		if s.Floor || s.Bound == strategies.Rendezvous {
			continue
		}
		sends = append(sends, sharedSend{s.Name, func() (func(strategies.Word), func(), func([]strategies.Word) (int, error)) {
			f := s.Word(strategies.Options{})
			sender := strategies.NewSender(f)
			return func(w strategies.Word) { _ = sender.Send(w) }, sender.Close, f.Consumer().Recv
		}})
	}
	s := strategies.All()[13]
	return append(sends, sharedSend{"open-send-close/" + s.Name, func() (func(strategies.Word), func(), func([]strategies.Word) (int, error)) {
		f := s.Word(strategies.Options{})
		keeper := f.Producer()
		return func(w strategies.Word) {
			p := f.Producer()
			_ = p.Send(w)
			p.Close()
		}, keeper.Close, f.Consumer().Recv
	}})
}

// bareChannel is what Go programs have: a send, and range one at a time.
func bareChannel() (send func(strategies.Word), finish func(), receive func([]strategies.Word) (int, error)) {
	c := make(chan strategies.Word, strategies.DefaultCapacity)
	return func(w strategies.Word) { c <- w }, func() { close(c) }, func(buf []strategies.Word) (int, error) {
		w, open := <-c
		if !open {
			return 0, io.EOF
		}
		buf[0] = w
		return 1, nil
	}
}

// BenchmarkSender has goroutines send without a handle, each as many as there are to a
// goroutine or, with items=1, one.
func BenchmarkSender(b *testing.B) {
	for _, goroutines := range []int{16, 1000, 0} {
		for _, s := range sharedSends() {
			name := fmt.Sprintf("goroutines=%d/way=%s", goroutines, s.name)
			if goroutines == 0 {
				name = "goroutines=one-per-item/way=" + s.name
			}
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				send, finish, receive := s.open()
				go sendShared(b.N, goroutines, send, finish)
				buf := make([]strategies.Word, 256)
				for {
					if _, err := receive(buf); err == io.EOF {
						break
					}
				}
			})
		}
	}
}

// sendShared sends n items from so many goroutines, or from one for each item that is
// started by one of 16.
func sendShared(n, goroutines int, send func(strategies.Word), finish func()) {
	var all sync.WaitGroup
	perItem := goroutines == 0
	if perItem {
		goroutines = 16
	}
	for i := range goroutines {
		all.Go(func() {
			var own sync.WaitGroup
			for seq := range (n + i) / goroutines {
				if !perItem {
					send(strategies.NewWord(i, uint64(seq)))
					continue
				}
				own.Go(func() { send(strategies.NewWord(i, uint64(seq))) })
				if seq%64 == 63 {
					own.Wait()
				}
			}
			own.Wait()
		})
	}
	all.Wait()
	finish()
}

// BenchmarkReader has 16 producers send over lanes-ring, with Send, SendBatch of 32 or a
// Writer of 32, and one goroutine receive in batches, or one at a time by a Reader or
// by Recv. A bare channel that a loop ranges over is there for comparison.
func BenchmarkReader(b *testing.B) {
	const producers, batch = 16, 32
	sends := map[string]func(p strategies.Producer[strategies.Word], n int){
		"Send": func(p strategies.Producer[strategies.Word], n int) {
			for seq := range n {
				_ = p.Send(strategies.Word(seq))
			}
		},
		"SendBatch": func(p strategies.Producer[strategies.Word], n int) {
			items := make([]strategies.Word, batch)
			for seq := range n {
				if items[seq%batch] = strategies.Word(seq); seq%batch == batch-1 {
					_, _ = p.SendBatch(items)
				}
			}
			_, _ = p.SendBatch(items[:n%batch])
		},
		"Writer": func(p strategies.Producer[strategies.Word], n int) {
			w := strategies.NewWriter(p, batch)
			for seq := range n {
				_ = w.Put(strategies.Word(seq))
			}
			_ = w.Flush()
		},
	}
	receives := map[string]func(c strategies.Consumer[strategies.Word]){
		"batches": func(c strategies.Consumer[strategies.Word]) { _ = takeBy(c, make([]strategies.Word, 256)) },
		"Recv":    func(c strategies.Consumer[strategies.Word]) { _ = takeBy(c, make([]strategies.Word, 1)) },
		"Next": func(c strategies.Consumer[strategies.Word]) {
			r := strategies.NewReader(c)
			for {
				if _, err := r.Next(); err != nil {
					return
				}
			}
		},
		"All": func(c strategies.Consumer[strategies.Word]) {
			sum := strategies.Word(0)
			for w := range strategies.NewReader(c).All(b.Context()) {
				sum += w
			}
			_ = sum
		},
	}
	for sending, send := range sends {
		for receiving, receive := range receives {
			b.Run(fmt.Sprintf("send=%s/receive=%s", sending, receiving), func(b *testing.B) {
				f := strategies.NewLanesRing[strategies.Word](strategies.Options{})
				for i := range producers {
					p := f.Producer()
					go func() {
						defer p.Close()
						send(p, (b.N+i)/producers)
					}()
				}
				receive(f.Consumer())
			})
		}
	}
	b.Run("send=chan-bare/receive=range", func(b *testing.B) {
		c := make(chan strategies.Word, strategies.DefaultCapacity)
		go sendShared(b.N, producers, func(w strategies.Word) { c <- w }, func() { close(c) })
		for range c {
		}
	})
}

// takeBy receives into buf until the end.
func takeBy(c strategies.Consumer[strategies.Word], buf []strategies.Word) error {
	for {
		if _, err := c.Recv(buf); err != nil {
			return err
		}
	}
}
