package saboteurs_test

import (
	"errors"
	"io"
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/saboteurs"
)

// A saboteur is a fan-in that works: it gets a few thousand items through, one
// producer's in order, and ends.
func TestSaboteursCarry(t *testing.T) {
	const items = 5000
	names := map[string]bool{}
	for _, s := range saboteurs.All() {
		if names[s.Name] {
			t.Errorf("two saboteurs are named %q", s.Name)
		}
		names[s.Name] = true
		t.Run(s.Name, func(t *testing.T) {
			f := s.Word(strategies.Options{})
			sent := make(chan error, 1)
			p := f.Producer()
			go func() {
				defer p.Close()
				for seq := range uint64(items) {
					if err := p.Send(strategies.NewWord(0, seq)); err != nil {
						sent <- err
						return
					}
				}
				sent <- nil
			}()
			buf := make([]strategies.Word, 100)
			for next := uint64(0); ; {
				n, err := f.Consumer().Recv(buf)
				for _, w := range buf[:n] {
					if w.Seq() != next {
						t.Fatalf("received item %d; want %d", w.Seq(), next)
					}
					next++
				}
				if errors.Is(err, io.EOF) && next == items {
					break
				}
				if err != nil {
					t.Fatalf("%v after %d items", err, next)
				}
			}
			if err := <-sent; err != nil {
				t.Error(err)
			}
		})
	}
}
