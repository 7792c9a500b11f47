package strategies_test

import (
	"io"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// TestChanSelectLimit opens as many producers as reflect.Select can wait for, and
// one more: before and after another has gone.
func TestChanSelectLimit(t *testing.T) {
	const limit = 65533
	fan := strategies.NewChanSelect[int](strategies.Options{Capacity: 1})
	var last strategies.Producer[int]
	for range limit {
		last = fan.Producer()
	}
	if message := panics(func() { fan.Producer() }); !strings.Contains(message, "65533") {
		t.Errorf("opening one producer more than %d: panic %q", limit, message)
	}
	if err := last.Send(1); err != nil {
		t.Fatal(err)
	}
	last.Close()
	buf := make([]int, 2) // with place for another item the receive looks on and finds the end of the channel
	if n, err := fan.Consumer().Recv(buf); n != 1 || err != nil || buf[0] != 1 {
		t.Errorf("Recv returned %d, %v and %v", n, err, buf)
	}
	if n, err := fan.Consumer().TryRecv(buf); n != 0 || err != nil {
		t.Errorf("TryRecv returned %d, %v", n, err)
	}
	late := fan.Producer()
	if err := late.Send(2); err != nil {
		t.Fatal(err)
	}
	if n, err := fan.Consumer().Recv(buf); n != 1 || err != nil || buf[0] != 2 {
		t.Errorf("Recv of a late producer's item returned %d, %v and %v", n, err, buf)
	}
}

// TestChanSelectBehind opens more producers for an item each than reflect.Select can
// wait for, before anything is received, and keeps one open.
func TestChanSelectBehind(t *testing.T) {
	const items = 70_000
	fan := strategies.NewChanSelect[int](strategies.Options{Capacity: 1})
	keeper := fan.Producer()
	for i := range items {
		p := fan.Producer()
		if err := p.Send(i); err != nil {
			t.Fatal(err)
		}
		p.Close()
	}
	if err := keeper.Send(items); err != nil {
		t.Fatal(err)
	}
	seen, buf := make([]bool, items+1), make([]int, 4096)
	for received := 0; received <= items; {
		n, err := fan.Consumer().Recv(buf)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range buf[:n] {
			if seen[item] {
				t.Fatalf("item %d came twice", item)
			}
			seen[item] = true
		}
		received += n
	}
	keeper.Close()
	if n, err := fan.Consumer().Recv(buf); n != 0 || err != io.EOF {
		t.Errorf("at the end Recv returned %d, %v", n, err)
	}
}

// panics returns what f panics with.
func panics(f func()) (message string) {
	defer func() { message, _ = recover().(string) }()
	f()
	return ""
}
