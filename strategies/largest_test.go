package strategies_test

import (
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// The largest items that channels carry, as their constructors say. One byte more
// does not compile.
func TestLargestItems(t *testing.T) {
	type tagged [65520]byte
	type bare [1<<16 - 1]byte
	t.Run("chan-bare", func(t *testing.T) { carries(t, strategies.NewChanBare[bare]) })
	t.Run("chan", func(t *testing.T) { carries(t, strategies.NewChan[tagged]) })
	t.Run("chan-merge", func(t *testing.T) { carries(t, strategies.NewChanMerge[tagged]) })
	t.Run("chan-select", func(t *testing.T) { carries(t, strategies.NewChanSelect[tagged]) })
	t.Run("chan-unbuffered", func(t *testing.T) { carries(t, strategies.NewChanUnbuffered[bare]) })
	t.Run("chan-unbounded", func(t *testing.T) { carries(t, strategies.NewChanUnbounded[bare]) })
}

func carries[T any](t *testing.T, build strategies.Constructor[T]) {
	f := build(strategies.Options{Capacity: 1})
	p := f.Producer()
	go func() {
		defer p.Close()
		var item T
		_ = p.Send(item) // if it fails, so does the receive
	}()
	if n, err := f.Consumer().Recv(make([]T, 1)); n != 1 || err != nil {
		t.Errorf("Recv returned %d, %v", n, err)
	}
}
