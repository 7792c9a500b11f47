package program

import (
	"math"
	"testing"
)

// A schedule has all its messages in the time of the round, evenly or at random, where the
// gaps vary as those of a Poisson process do; and every producer has another one.
func TestSchedule(t *testing.T) {
	t.Parallel()
	const quota, all, gap, begin = 1000, 4, 50_000.0, 7e9
	for _, random := range []bool{false, true} {
		firsts := map[int64]bool{}
		for number := range all {
			next := order{GapNs: gap, Random: random, BeginNs: begin, Seed: 3}.schedule(number, quota, all)
			last, sum, squares := int64(begin), 0.0, 0.0
			for i := range quota {
				due := next()
				if i == 0 {
					firsts[due] = true
				}
				if due < last || due > begin+quota*gap {
					t.Fatalf("random %t, producer %d: message %d is due at %d, after %d", random, number, i, due, last)
				}
				if i > 0 {
					g := float64(due-last) / gap
					sum, squares = sum+g, squares+g*g
				}
				last = due
			}
			mean := sum / (quota - 1)
			if deviation := math.Sqrt(squares/(quota-1) - mean*mean); random && math.Abs(deviation-1) > 0.15 || !random && deviation > 0.01 {
				t.Errorf("random %t, producer %d: gaps vary by %.3f of their mean", random, number, deviation)
			}
			if math.Abs(mean-1) > 0.01 {
				t.Errorf("random %t, producer %d: the mean gap is %.3f times what was asked for", random, number, mean)
			}
		}
		if len(firsts) != all {
			t.Errorf("random %t: the producers begin at %d times", random, len(firsts))
		}
	}
}
