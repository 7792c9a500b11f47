package strategies

import "testing"

// The accounts of producers that have closed do not pile up once their items are
// received, and those with items left are not forgotten.
func TestChanMergeAccounts(t *testing.T) {
	f := NewChanMerge[int](Options{Capacity: 4}).(*chanMerge[int])
	defer f.Producer().Close() // or the first to close would be the last
	left := f.Producer()
	send(t, left, -1)
	left.Close()
	for i := range 1000 {
		p := f.Producer()
		send(t, p, i)
		p.Close()
		recvOne(t, f.Consumer()) // of -1 and i, whichever was forwarded first
		if got := f.Backlog(); got != 1 {
			t.Fatalf("backlog %d with one item left", got)
		}
	}
	n := 0
	for a := f.accounts; a != nil; a = a.next {
		n++
	}
	if n > 2 {
		t.Errorf("%d accounts after 1000 producers have come and gone, one item left", n)
	}
	recvOne(t, f.Consumer())
	if got := f.Backlog(); got != 0 {
		t.Errorf("backlog %d with all received", got)
	}
}
