package strategies_test

import (
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// TestChanBatchAge lets one item lie with a producer that sends no more while
// another keeps the consumer busy: it must come before as many others as a full
// channel would have held.
func TestChanBatchAge(t *testing.T) {
	const capacity, batch = 100, 7
	fan := strategies.NewChanBatch[int](strategies.Options{Capacity: capacity})
	sparse, busy, c := fan.Producer(), fan.Producer(), fan.Consumer()
	if err := sparse.Send(1); err != nil {
		t.Fatal(err)
	}
	buf := make([]int, batch)
	for received := 0; received < capacity+batch; {
		if n, err := busy.SendBatch(make([]int, batch)); n != batch || err != nil {
			t.Fatalf("SendBatch returned %d, %v", n, err)
		}
		n, err := c.TryRecv(buf)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range buf[:n] {
			if item == 1 {
				return
			}
		}
		received += n
	}
	t.Errorf("an item lies although %d others have been received since", capacity+batch)
}

// TestChanBatchCollects sends fewer items than fill a slice and looks at how
// they come: all in one receive although none was sent off.
func TestChanBatchCollects(t *testing.T) {
	fan := strategies.NewChanBatch[int](strategies.Options{})
	p, q := fan.Producer(), fan.Producer()
	for i := range 10 {
		for _, p := range []strategies.Producer[int]{p, q} {
			if err := p.Send(i); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n, err := fan.Consumer().TryRecv(make([]int, 100)); n != 20 || err != nil {
		t.Errorf("TryRecv returned %d, %v with 20 items sent", n, err)
	}
}
