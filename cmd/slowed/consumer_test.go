package main

import (
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Over some time the breaks are the share of the work that they are to be, however
// long each took.
func TestDebt(t *testing.T) {
	d := newDebt(0.1)
	start := time.Unix(1, 0)
	now, slept := start, time.Duration(0)
	for i := range 100_000 {
		now = now.Add(20 * time.Microsecond)
		if wait := d.due(now); wait > 0 {
			took := wait + time.Duration(i%5)*300*time.Microsecond // it ends late
			now, slept = now.Add(took), slept+took
			d.paid(now)
		}
	}
	worked := now.Sub(start) - slept
	if share := float64(slept) / float64(worked); math.Abs(share-0.1) > 0.002 {
		t.Errorf("breaks took %.4f of the work, want 0.1", share)
	}
}

// Without a share there is no break, not at the end of a slice either.
func TestNoShare(t *testing.T) {
	d := newDebt(0)
	d.last = time.Now()
	for range 100 {
		if wait := d.due(d.last.Add(time.Second)); wait != 0 {
			t.Fatalf("a break of %v is due", wait)
		}
	}
	if d.look(true); d.owed != 0 {
		t.Errorf("%v are owed", d.owed)
	}
}

// A slice takes longer by the share, and what passes until the next one does not count.
func TestSlices(t *testing.T) {
	const share, rest = 0.5, 20 * time.Millisecond
	d := newDebt(share)
	d.owed = 0
	for range 3 {
		began := time.Now()
		d.last = began
		for time.Since(began) < 2*time.Millisecond { // it works
		}
		d.look(true)
		took := time.Since(began)
		if least := 3 * time.Millisecond; took < least {
			t.Errorf("a slice took %v, want %v at least", took, least)
		}
		if d.owed > 0 || !d.last.IsZero() {
			t.Errorf("%v are owed after a slice, and its end is %v", d.owed, d.last)
		}
		d.owed = 0
		time.Sleep(rest)
	}
}

// The end of a slice shows in the length of the buffer.
func TestEndOfSlice(t *testing.T) {
	known, err := slow(strategies.All(), "chan:10")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(known, func(s strategies.Strategy) bool { return s.Name == "chan" })
	f := known[i].Word(strategies.Options{Capacity: 64})
	p := f.Producer()
	if n, err := p.SendBatch(make([]strategies.Word, 12)); n != 12 || err != nil {
		t.Fatal(n, err)
	}
	c := f.Consumer().(*slowConsumer[strategies.Word])
	for _, step := range []struct {
		buffer int
		ends   bool
	}{{8, false}, {4, true}} {
		if n, err := c.Recv(make([]strategies.Word, step.buffer)); n != step.buffer || err != nil {
			t.Fatal(n, err)
		}
		if c.last.IsZero() != step.ends {
			t.Errorf("a buffer of %d: the slice has ended: %v, want %v", step.buffer, c.last.IsZero(), step.ends)
		}
	}
}

func TestSlowedDelivers(t *testing.T) {
	const items = 20_000
	known, err := slow(strategies.All(), "null:0.1,chan:0.5")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range known {
		if s.Name != "chan" {
			continue
		}
		f := s.Word(strategies.Options{Capacity: 64})
		if f.Consumer() != f.Consumer() {
			t.Fatal("two consumers")
		}
		p := f.Producer()
		go func() {
			defer p.Close()
			for range items {
				_ = p.Send(0) // what is lost is missed below
			}
		}()
		buf, got := make([]strategies.Word, 16), 0
		for {
			n, err := f.Consumer().Recv(buf)
			if errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			got += n
		}
		if got != items {
			t.Errorf("%d of %d items arrived", got, items)
		}
	}
}

func TestWrongSettings(t *testing.T) {
	for setting, want := range map[string]string{
		",chan:1": "is not STRATEGY:SHARE", "chan": "is not STRATEGY:SHARE", "chan:-1": "is not STRATEGY:SHARE", "chan:NaN": "is not STRATEGY:SHARE",
		"chn:0.1": `unknown strategy "chn"`,
	} {
		if _, err := slow(strategies.All(), setting); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", setting, err, want)
		}
	}
}
