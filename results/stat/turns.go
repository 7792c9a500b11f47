package stat

import (
	"math"
	"slices"
)

// Turns are the values that a trial gave turn by turn, where its process lived beside
// others and each ran for a slice at a time.
type Turns struct {
	// Sitting names those of a block that took turns with each other. Empty: nobody did.
	Sitting string
	Values  []float64 // of each turn, in order
}

// with reports whether both took turns with each other, given that they are of one
// block, and a ratio can be formed of every turn.
func (t Turns) with(other Turns) bool {
	return t.Sitting != "" && t.Sitting == other.Sitting && t.positive() && other.positive()
}

// logRatio returns the midmean over turns of the logarithm of the value over that of
// another that took turns with it; of the turns that both had, where one was cut short.
// Values must be above 0. Two slices of a turn ran within some 10 ms of each
// other, so what disturbs the machine for longer hits both alike; what hit one alone is
// at the edge, where the midmean does not see it.
func (t Turns) logRatio(over Turns) float64 {
	logs := make([]float64, min(len(t.Values), len(over.Values)))
	for i := range logs {
		logs[i] = math.Log(t.Values[i] / over.Values[i])
	}
	return midmean(logs)
}

// midmean returns the mean of the middle half of some values, which it sorts: a value that
// lies half in it counts by half. Like the median it does not see the lowest and the
// highest quarter, and it varies less (J. W. Tukey: Exploratory Data Analysis, 1977).
func midmean(values []float64) float64 {
	slices.Sort(values)
	n := float64(len(values))
	sum := 0.0
	for i, v := range values {
		inside := min(float64(i+1), 3*n/4) - max(float64(i), n/4)
		sum += max(0, inside) * v
	}
	return sum / (n / 2)
}

// each returns what becomes of every value.
func (t Turns) each(of func(float64) float64) Turns {
	out := Turns{Sitting: t.Sitting}
	for _, v := range t.Values {
		out.Values = append(out.Values, of(v))
	}
	return out
}

// positive reports whether there are values, all of them above 0.
func (t Turns) positive() bool {
	for _, v := range t.Values {
		if !(v > 0) {
			return false
		}
	}
	return len(t.Values) > 0
}
