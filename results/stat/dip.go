package stat

import (
	"math"
	"slices"
)

// dip returns the dip of values: how far their distribution function is, at the
// least, from that of any distribution with one hump (J. A. Hartigan, P. M. Hartigan: The
// dip test of unimodality, Annals of Statistics 13, 1985). Such a distribution function is
// convex up to its mode and concave from there on. The algorithm narrows down where the
// mode is, to between those touching points of the greatest convex minorant and the least
// concave majorant that lie farthest apart, for as long as they are farther apart than
// what lies outside already costs (P. M. Hartigan: Algorithm AS 217, Applied Statistics 34,
// 1985).
func dip(values []float64) float64 {
	w := newSteps(values)
	widest := 1.0       // in values: a step of a distribution function of so many is never closer
	for len(w.at) > 1 { // a single place may hold any share: it is the mode
		minorant, majorant := newHull(w.at, w.before, 1), newHull(w.at, w.after, -1)
		left, right, apart := farthest(minorant, majorant)
		if apart <= widest {
			break
		}
		for i := range left + 1 {
			widest = max(widest, w.after[i]-minorant.line[i])
		}
		for i := right; i < len(w.at); i++ {
			widest = max(widest, majorant.line[i]-w.before[i])
		}
		if left == 0 && right == len(w.at)-1 {
			break
		}
		w = steps{w.at[left : right+1], w.before[left : right+1], w.after[left : right+1]}
	}
	return widest / 2 / float64(len(values))
}

// steps is a distribution function: where it steps, and how many values lie below each
// step, without those at it and with them.
type steps struct{ at, before, after []float64 }

func newSteps(values []float64) steps {
	var w steps
	for i, v := range slices.Sorted(slices.Values(values)) {
		if n := len(w.at); n == 0 || w.at[n-1] != v {
			w.at, w.before, w.after = append(w.at, v), append(w.before, float64(i)), append(w.after, 0)
		}
		w.after[len(w.at)-1] = float64(i + 1)
	}
	return w
}

// hull is the convex or concave line that some points lie above or below of.
type hull struct {
	touch []int     // the points on it
	line  []float64 // its height at every point
}

// newHull returns the greatest convex minorant for a side of 1, and for -1 the least
// concave majorant.
func newHull(x, y []float64, side float64) hull {
	h := hull{line: slices.Clone(y)}
	slope := func(i, j int) float64 { return side * (y[j] - y[i]) / (x[j] - x[i]) }
	for i := range x {
		for n := len(h.touch); n >= 2 && slope(h.touch[n-2], h.touch[n-1]) >= slope(h.touch[n-1], i); n-- {
			h.touch = h.touch[:n-1]
		}
		h.touch = append(h.touch, i)
	}
	for k := 1; k < len(h.touch); k++ {
		a, b := h.touch[k-1], h.touch[k]
		for i := a + 1; i < b; i++ {
			h.line[i] = y[a] + (y[b]-y[a])*(x[i]-x[a])/(x[b]-x[a])
		}
	}
	return h
}

// farthest returns the touching points of each line between which the mode is: the one
// at which they are farthest apart, and the other's next on the mode's side.
func farthest(minorant, majorant hull) (left, right int, apart float64) {
	apart = math.Inf(-1)
	for _, i := range minorant.touch {
		if d := majorant.line[i] - minorant.line[i]; d > apart {
			at, _ := slices.BinarySearch(majorant.touch, i)
			left, right, apart = i, majorant.touch[at], d
		}
	}
	for _, i := range majorant.touch {
		if d := majorant.line[i] - minorant.line[i]; d > apart {
			at, on := slices.BinarySearch(minorant.touch, i)
			if !on {
				at--
			}
			left, right, apart = minorant.touch[at], i, d
		}
	}
	return left, right, apart
}
