package record

import (
	"math"
	"testing"
)

// Windows compare what producers were served until one has finished, that window
// included, and begin anew with each slice.
func TestWindows(t *testing.T) {
	w := windows{Length: 10, Quotas: []uint64{0, 0}, first: []uint64{0, 0}, before: []uint64{0, 0}}
	tick := func(now int64, next ...uint64) { w.Tick(now, next) }
	want := func(sum float64, count int) {
		t.Helper()
		if math.Abs(w.Sum-sum) > 1e-9 || w.Count != count {
			t.Errorf("%d windows with a sum of %v; want %d with %v", w.Count, w.Sum, count, sum)
		}
	}
	w.goOn([]uint64{0, 0}, []uint64{100, 100})
	tick(5, 0, 0)
	tick(10, 10, 0) // within the window
	want(0, 0)
	tick(15, 20, 20)
	want(1, 1)
	tick(25, 100, 20) // one was served alone, and has finished
	want(1.5, 2)
	tick(35, 100, 90)
	want(1.5, 2)
	w.goOn([]uint64{100, 100}, []uint64{200, 300}) // of its share the second gets half as much
	tick(100, 100, 100)
	tick(110, 150, 150)
	want(1.5+0.75*0.75/(2*(0.5*0.5+0.25*0.25)), 3)
}
