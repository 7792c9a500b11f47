package mesh

import (
	"io"
	"slices"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Every way passes each relay once and ends at the last fan-in.
func TestMeshWays(t *testing.T) {
	for _, size := range []int{1, 2, 3, 4, 12, 61} {
		m := New(strategies.NewChan[strategies.Word], size, 1)(strategies.Options{}).(*mesh[strategies.Word])
		for producer := range 2 * size {
			seen := make([]bool, size)
			for at := m.entry(producer); at < size; at = m.next(at, producer) {
				if seen[at] {
					t.Fatalf("size %d, producer %d: it comes to %d again", size, producer, at)
				}
				seen[at] = true
			}
			if slices.Contains(seen, false) {
				t.Errorf("size %d, producer %d: it passes %v", size, producer, seen)
			}
		}
		m.Producer().Close()
		if _, err := m.Consumer().Recv(make([]strategies.Word, 1)); err != io.EOF {
			t.Errorf("size %d: after the end the consumer receives %v", size, err)
		}
	}
}

// The relays end with the consumer, also while a message is on its way.
func TestMeshLeft(t *testing.T) {
	m := New(strategies.NewLanesRing[strategies.Word], 5, 1)(strategies.Options{}).(*mesh[strategies.Word])
	p := m.Producer()
	if err := p.Send(strategies.NewWord(0, 0)); err != nil {
		t.Fatal(err)
	}
	m.Consumer().Close()
	for begun := time.Now(); ; {
		err := p.Send(strategies.NewWord(0, 1))
		if err == strategies.ErrClosed {
			break
		}
		if err != nil || time.Since(begun) > 10*time.Second {
			t.Fatalf("a send returns %v after the consumer has left", err)
		}
	}
	p.Close()
}
