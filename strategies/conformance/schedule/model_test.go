package schedule

import (
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// A try that finds the fan-in full while a receive that waited takes an item is right,
// whichever of the two results is seen first; one that nothing ran beside is not.
func TestFullBesideReceive(t *testing.T) {
	d := strategies.Descriptor{Order: strategies.OrderGlobal, Bound: strategies.Total}
	full := func(c *call) result { return result{call: c, n: 3, err: strategies.ErrFull} }
	got := func(c *call) result { return result{call: c, n: 1, buf: items(Op{0, SendBatch, 1}, 0)} }
	for _, receiveFirst := range []bool{true, false} {
		m := newModel(Schedule{Options: strategies.Options{Capacity: 3}, Ops: []Op{{0, Open, 1}}}, d)
		m.begin(Op{0, Open, 1})
		receive := m.begin(Op{Consumer, Recv, 1})
		send := m.begin(Op{0, TrySendBatch, 5})
		results := []result{full(send), got(receive)}
		if receiveFirst {
			results = []result{got(receive), full(send)}
		}
		for _, r := range results {
			if f := m.returned(r); f != nil {
				t.Errorf("receive first %v: %+v", receiveFirst, f)
			}
		}
		again := m.begin(Op{0, TrySend, 1})
		if f := m.returned(result{call: again, err: strategies.ErrFull}); f == nil || f.Promise != strategies.PromiseBound {
			t.Errorf("receive first %v: %+v for a fan-in that is full with 2 of 3 items", receiveFirst, f)
		}
	}
}
