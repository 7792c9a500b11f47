package strategies_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// carrying returns the strategies that carry items.
func carrying() []strategies.Strategy {
	return slices.DeleteFunc(strategies.All(), func(s strategies.Strategy) bool { return s.Floor })
}

// sendWords sends so many words on a producer and closes it.
func sendWords(p strategies.Producer[strategies.Word], n int) {
	defer p.Close()
	for seq := range n {
		_ = p.Send(strategies.NewWord(0, uint64(seq)))
	}
}

// TestReader takes one producer's items in all ways in turn, and ends each loop early:
// none is lost, and their order is kept.
func TestReader(t *testing.T) {
	const items = 5000
	for _, s := range carrying() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			f := s.Word(strategies.Options{Capacity: 700})
			go sendWords(f.Producer(), items)
			r := strategies.NewReader(f.Consumer())
			got := 0
			take := func(w strategies.Word) {
				if w != strategies.NewWord(0, uint64(got)) {
					t.Fatalf("item %d came after %d others", w.Seq(), got)
				}
				got++
			}
			for {
				w, err := r.Next()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				take(w)
				if w, err := r.NextContext(t.Context()); err == nil {
					take(w)
				}
				left := 3
				for w := range r.All(t.Context()) {
					take(w)
					if left--; left == 0 {
						break
					}
				}
				for batch := range r.Batches(t.Context()) {
					for _, w := range batch {
						take(w)
					}
					if r.Buffered() != 0 {
						t.Fatalf("%d items are read ahead beside a batch of all", r.Buffered())
					}
					break
				}
			}
			if got != items {
				t.Errorf("%d of %d items came", got, items)
			}
		})
	}
}

// A loop under a context that ends leaves what is read ahead for the next.
func TestReaderContext(t *testing.T) {
	for _, s := range carrying() {
		if s.Bound == strategies.Rendezvous {
			continue // nothing can be read ahead
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			const items = 10
			f := s.Word(strategies.Options{})
			sendWords(f.Producer(), items)
			r := strategies.NewReader(f.Consumer())
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var got []uint64
			for w := range r.All(ctx) {
				if got = append(got, w.Seq()); len(got) == 3 {
					cancel()
				}
			}
			if len(got) != 3 {
				t.Errorf("a loop took %d items, of which 3 before its context was done", len(got))
			}
			if _, err := r.NextContext(ctx); err != context.Canceled {
				t.Errorf("NextContext under a context that is done returned %v", err)
			}
			for batch := range r.Batches(ctx) {
				t.Errorf("a loop under a context that is done took %d items", len(batch))
			}
			for w := range r.All(t.Context()) {
				got = append(got, w.Seq())
			}
			if len(got) != items || !slices.IsSorted(got) {
				t.Errorf("after a loop that its context ended, the items were %v", got)
			}
			if _, err := r.Next(); err != io.EOF {
				t.Errorf("Next after the end returned %v", err)
			}
		})
	}
}

// What is read ahead when the consumer closes is handed out, and then ErrClosed returned.
func TestReaderClosed(t *testing.T) {
	f := strategies.NewMPSCRing[int](strategies.Options{})
	p := f.Producer()
	_, _ = p.SendBatch([]int{1, 2, 3})
	r := strategies.NewReader(f.Consumer())
	first, err := r.Next()
	if first != 1 || err != nil || r.Buffered() != 2 {
		t.Fatalf("Next returned %d, %v, with %d read ahead; want 1, nil, 2", first, err, r.Buffered())
	}
	f.Consumer().Close()
	var rest []int
	for i := range r.All(t.Context()) {
		rest = append(rest, i)
	}
	if _, err := r.Next(); !slices.Equal(rest, []int{2, 3}) || err != strategies.ErrClosed {
		t.Errorf("after Close came %v, then %v; want [2 3], %v", rest, err, strategies.ErrClosed)
	}
}

// A Reader and a Writer let go of what they have handed over.
func TestReaderAndWriterKeepNothing(t *testing.T) {
	f := strategies.NewChan[*int](strategies.Options{})
	w := strategies.NewWriter(f.Producer(), 4)
	for range 4 {
		_ = w.Put(new(int))
	}
	_ = w.Close()
	if kept := strategies.Places(w); slices.ContainsFunc(kept, func(p *int) bool { return p != nil }) {
		t.Errorf("a Writer keeps %v", kept)
	}
	r := strategies.NewReader(f.Consumer())
	for range r.All(t.Context()) {
	}
	if kept := strategies.ReadAhead(r); slices.ContainsFunc(kept, func(p *int) bool { return p != nil }) {
		t.Errorf("a Reader keeps %v", kept)
	}
}

// TestWriter sends through a Writer by every strategy.
func TestWriter(t *testing.T) {
	const items = 1000
	for _, s := range carrying() {
		for _, n := range []int{1, 7, 64} {
			t.Run(fmt.Sprintf("%s/%d", s.Name, n), func(t *testing.T) {
				t.Parallel()
				f := s.Word(strategies.Options{Capacity: 10})
				w := strategies.NewWriter(f.Producer(), n)
				go func() {
					for seq := range items {
						if err := w.Put(strategies.NewWord(0, uint64(seq))); err != nil {
							t.Error(err)
						}
					}
					if err := w.Close(); err != nil {
						t.Error(err)
					}
				}()
				got := uint64(0)
				for word := range strategies.NewReader(f.Consumer()).All(t.Context()) {
					if word.Seq() != got {
						t.Fatalf("item %d came after %d others", word.Seq(), got)
					}
					got++
				}
				if got != items {
					t.Errorf("%d of %d items came", got, items)
				}
			})
		}
	}
}

// A Writer under Fail keeps what did not fit, and sends it when there is room; a closed
// one says so and takes nothing.
func TestWriterFull(t *testing.T) {
	f := strategies.NewMPSCRing[int](strategies.Options{Capacity: 3, Policy: strategies.Fail})
	w := strategies.NewWriter(f.Producer(), 5)
	for i := range 5 {
		if err := w.Put(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Put(5); err != strategies.ErrFull || w.Buffered() != 2 {
		t.Errorf("Put to a full fan-in returned %v, with %d collected; want %v and 2", err, w.Buffered(), strategies.ErrFull)
	}
	buf := make([]int, 8)
	n, _ := f.Consumer().TryRecv(buf)
	if err := w.Close(); err != nil {
		t.Errorf("Close with room returned %v", err)
	}
	more, _ := f.Consumer().TryRecv(buf[n:])
	if got := buf[:n+more]; !slices.Equal(got, []int{0, 1, 2, 3, 4}) {
		t.Errorf("the items were %v", got)
	}
	_ = w.Put(6)
	if err := w.Flush(); err != strategies.ErrClosed {
		t.Errorf("Flush after Close returned %v", err)
	}
}

func TestReaderAndWriterMisuse(t *testing.T) {
	f := strategies.NewChan[int](strategies.Options{})
	for name, wrong := range map[string]func(){
		"a Reader of no consumer":             func() { strategies.NewReader[int](nil) },
		"a Writer of no producer":             func() { strategies.NewWriter[int](nil, 1) },
		"a Writer of no items":                func() { strategies.NewWriter(f.Producer(), 0) },
		"All under no context":                func() { strategies.NewReader(f.Consumer()).All(nil)(nil) },           //nolint:staticcheck // it is the check
		"NextContext under no context at all": func() { _, _ = strategies.NewReader(f.Consumer()).NextContext(nil) }, //nolint:staticcheck // it is the check
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s did not panic", name)
				}
			}()
			wrong()
		}()
	}
}
