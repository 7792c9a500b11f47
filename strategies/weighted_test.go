package strategies

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// sized makes a fan-in whose items weigh what they say.
func sized(o Options, capacity int, perProducer bool) *Weighted[int] {
	return NewWeighted(NewMPSCLinked, o, Weight[int]{Of: itself, Capacity: capacity, PerProducer: perProducer})
}

func itself(item int) int { return item }

func expectHeld(t *testing.T, f *Weighted[int], want int) {
	t.Helper()
	if got := f.Held(); got != want {
		t.Errorf("%d held; want %d", got, want)
	}
}

// line returns what those who wait need, the first first.
func (c *weightCredits) line() (needs []int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for w := c.first; w != nil; w = w.next {
		needs = append(needs, w.need)
	}
	return needs
}

// waits sends in another goroutine and returns when that is the last in line, with where
// its result will be.
func waits(t *testing.T, c *weightCredits, send func() (int, error)) <-chan result {
	t.Helper()
	before := len(c.line())
	results := make(chan result, 1)
	go func() {
		n, err := send()
		results <- result{n, err}
	}()
	for len(c.line()) == before {
		select {
		case r := <-results:
			t.Fatalf("a send that has to wait returned %d, %v", r.n, r.err)
		case <-time.After(100 * time.Microsecond):
		}
	}
	return results
}

type result struct {
	n   int
	err error
}

// Nobody passes a heavy item that waits: neither a send nor a try, though there is room
// for a light one.
func TestWeightedHeavyFirst(t *testing.T) {
	f := sized(Options{}, 10, false)
	p, c := f.Producer(), f.Consumer()
	for range 8 {
		send(t, p, 1)
	}
	heavy, light := f.Producer(), f.Producer()
	first := waits(t, &f.credits, func() (int, error) { return 1, heavy.Send(9) })
	second := waits(t, &f.credits, func() (int, error) { return 1, light.Send(2) })
	if err := p.TrySend(1); err != ErrFull {
		t.Errorf("TrySend past a heavy item returned %v", err)
	}
	for range 6 {
		recvOne(t, c)
	}
	if line := f.credits.line(); !slices.Equal(line, []int64{9, 2}) {
		t.Fatalf("%v wait, with 2 held of 10; want 9 and 2", line)
	}
	recvOne(t, c) // 1 is held: 9 fit, and then nothing
	if line := f.credits.line(); !slices.Equal(line, []int64{2}) {
		t.Fatalf("%v wait, with 1 and 9 held of 10; want 2", line)
	}
	expectHeld(t, f, 10)
	if got := <-first; got.err != nil {
		t.Error(got.err)
	}
	recvOne(t, c)
	recvOne(t, c)
	if got := <-second; got.err != nil {
		t.Error(got.err)
	}
	expectHeld(t, f, 2)
}

// One that gives up waiting lets those behind it go.
func TestWeightedFirstGivesUp(t *testing.T) {
	f := sized(Options{}, 10, false)
	first, second, third := f.Producer(), f.Producer(), f.Producer()
	send(t, first, 8)
	ctx, cancel := context.WithCancel(t.Context())
	one := waits(t, &f.credits, func() (int, error) { return 1, first.SendContext(ctx, 9) })
	two := waits(t, &f.credits, func() (int, error) { return 1, second.Send(3) })
	three := waits(t, &f.credits, func() (int, error) { return 1, third.Send(2) })
	cancel()
	if got := <-one; !errors.Is(got.err, context.Canceled) {
		t.Errorf("the first returned %v", got.err)
	}
	if line := f.credits.line(); !slices.Equal(line, []int64{3, 2}) {
		t.Fatalf("%v wait; want 3 and 2", line)
	}
	second.Close()
	if got := <-two; got.err != ErrClosed {
		t.Errorf("the second returned %v", got.err)
	}
	if got := <-three; got.err != nil {
		t.Errorf("the third returned %v", got.err)
	}
	expectHeld(t, f, 10)
}

// An item that is heavier than the capacity goes alone, one that weighs nothing counts as 1.
func TestWeightedExtremes(t *testing.T) {
	f := sized(Options{Policy: Fail}, 10, false)
	p, c := f.Producer(), f.Consumer()
	send(t, p, 0)
	expectHeld(t, f, 1)
	if err := p.Send(1000); err != ErrFull {
		t.Errorf("sending 1000 beside another item returned %v", err)
	}
	recvOne(t, c)
	send(t, p, 1000)
	expectHeld(t, f, 10)
	if err := p.Send(0); err != ErrFull {
		t.Errorf("sending beside an item of 1000 returned %v", err)
	}
	if got := recvOne(t, c); got != 1000 {
		t.Errorf("received %d", got)
	}
	func() {
		defer func() {
			if said, ok := recover().(string); !ok || !strings.Contains(said, "weighs -1") {
				t.Errorf("a negative weight panicked with %q", said)
			}
		}()
		_, _ = p.SendBatch([]int{1, -1})
	}()
	expectHeld(t, f, 0)
	send(t, p, 10)
}

// A batch is equal to its items sent one by one.
func TestWeightedBatch(t *testing.T) {
	for _, test := range []struct {
		policy        Policy
		sent, dropped int
		err           error
		received      string
	}{
		{Fail, 2, 0, ErrFull, "4 3"},
		{DropNewest, 6, 3, nil, "4 3 2"}, // what is lighter than one that was dropped may fit
	} {
		for _, items := range []int{0, 2} { // the bound in items below
			f := NewWeighted(NewMPSCRing, Options{Capacity: 4 - items, Policy: test.policy}, Weight[int]{Of: itself, Capacity: 9})
			p := f.Producer()
			want := test
			if items == 2 && test.policy == DropNewest {
				want.dropped, want.received = 4, "4 3"
			}
			n, err := p.SendBatch([]int{4, 3, 5, 3, 2, 1})
			if n != want.sent || err != want.err || int(p.Dropped()) != want.dropped {
				t.Errorf("%s with %d items: SendBatch = %d, %v, %d dropped; want %d, %v, %d",
					test.policy, 4-items, n, err, p.Dropped(), want.sent, want.err, want.dropped)
			}
			p.Close()
			if got := receivedAs(t, f.Consumer()); got != want.received {
				t.Errorf("%s with %d items: received %s; want %s", test.policy, 4-items, got, want.received)
			}
			expectHeld(t, f, 0)
		}
	}
}

// receivedAs receives until the end and returns the items as a text.
func receivedAs(t *testing.T, c Consumer[int]) string {
	t.Helper()
	var got []string
	buf := make([]int, 3)
	for {
		n, err := c.Recv(buf)
		if err == io.EOF {
			return strings.Join(got, " ")
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range buf[:n] {
			got = append(got, string(rune('0'+item)))
		}
	}
}

// With a capacity for each producer, one that is full stops no other, what a closed one left
// counts until it is received, and a Sender has the capacity of one.
func TestWeightedPerProducer(t *testing.T) {
	f := sized(Options{Policy: Fail}, 10, true)
	a, b := f.Producer(), f.Producer()
	s := NewSender[int](f)
	for _, p := range []Sender[int]{a, b, s} {
		if err := p.Send(7); err != nil {
			t.Fatal(err)
		}
		if err := p.Send(4); err != ErrFull {
			t.Errorf("sending 11 of 10 returned %v", err)
		}
	}
	expectHeld(t, f, 21)
	a.Close()
	s.Close()
	expectHeld(t, f, 21)
	recvOne(t, f.Consumer())
	expectHeld(t, f, 14)
	send(t, b, 3)
	recvOne(t, f.Consumer())
	recvOne(t, f.Consumer())
	expectHeld(t, f, 3)
	b.Close()
	if got := receivedAs(t, f.Consumer()); got != "3" {
		t.Errorf("received %s; want 3", got)
	}
	expectHeld(t, f, 0)
}

// Whoever waits for room is released by each Close and by Stop, and what they leave is right.
func TestWeightedCloseReleases(t *testing.T) {
	for name, end := range map[string]func(*Weighted[int], Producer[int]){
		"producer's Close": func(_ *Weighted[int], p Producer[int]) { p.Close() },
		"consumer's Close": func(f *Weighted[int], _ Producer[int]) { f.Consumer().Close() },
		"Stop":             func(f *Weighted[int], _ Producer[int]) { f.Consumer().(Stopper).Stop() },
	} {
		for _, perProducer := range []bool{false, true} {
			f := sized(Options{}, 10, perProducer)
			p := f.Producer()
			send(t, p, 9)
			waiting := waits(t, p.(*weightedProducer[int]).credits, func() (int, error) { return p.SendBatch([]int{1, 2, 3}) })
			end(f, p)
			if got := <-waiting; got.n != 1 || got.err != ErrClosed {
				t.Errorf("%s: SendBatch = %d, %v; want 1, %v", name, got.n, got.err, ErrClosed)
			}
			late := f.Producer()
			for _, p := range []Producer[int]{p, late} {
				if err := p.TrySend(1); err != ErrClosed {
					t.Errorf("%s: TrySend = %v; want %v", name, err, ErrClosed)
				}
			}
			if name == "consumer's Close" {
				expectHeld(t, f, 0)
				continue
			}
			expectHeld(t, f, 10)
			if got := receivedAs(t, f.Consumer()); got != "9 1" {
				t.Errorf("%s: received %s; want 9 1", name, got)
			}
			expectHeld(t, f, 0)
		}
	}
}

// Stop ends a fan-in of which no producer was ever opened, too.
func TestWeightedStopUnopened(t *testing.T) {
	f := sized(Options{}, 1, false)
	f.Consumer().(Stopper).Stop()
	if n, err := f.Consumer().Recv(make([]int, 1)); n != 0 || err != io.EOF {
		t.Errorf("Recv = %d, %v; want 0, EOF", n, err)
	}
}

func TestWeightValidate(t *testing.T) {
	beyond := MaxWeight
	beyond++ // of 32 bits that is below 1
	for _, test := range []struct {
		w    Weight[int]
		o    Options
		want string // "": valid
	}{
		{Weight[int]{Of: itself, Capacity: MaxWeight}, Options{Policy: DropNewest}, ""},
		{Weight[int]{Capacity: 1}, Options{}, "no function"},
		{Weight[int]{Of: itself}, Options{}, "capacity 0 is not in 1.."},
		{Weight[int]{Of: itself, Capacity: beyond}, Options{}, "is not in 1.."},
		{Weight[int]{Of: itself, Capacity: 1}, Options{Policy: DropOldest}, "does not offer policy \"drop-oldest\" (one of block, fail, drop-newest)"},
		{Weight[int]{Of: itself, Capacity: 1}, Options{Policy: 77}, "does not offer policy"},
	} {
		err := test.w.Validate(test.o)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("Validate of %d and %v returned %v; want %q", test.w.Capacity, test.o, err, test.want)
			continue
		}
		func() {
			defer func() {
				if said, _ := recover().(error); (said == nil) != (err == nil) {
					t.Errorf("NewWeighted panicked with %v; Validate says %v", said, err)
				}
			}()
			NewWeighted(NewMPSCLinked, test.o, test.w)
		}()
	}
}
