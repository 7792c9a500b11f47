package stat

import (
	"math"
	"slices"
)

// Humps are the two kinds of values that a sample has, where it has two.
type Humps struct {
	Low, High float64 // median of either kind
	Share     float64 // how many of all are of the upper kind
	// OfBlocks says that whole blocks, that is processes, are of one kind or the other, and
	// not turns within them.
	OfBlocks bool
}

const (
	// dipOfOneHump is what the dip times the root of the number of values exceeds in at
	// most 1 of 100 samples of that distribution with one hump which is closest to having
	// two, the uniform one: 0.51 for 10 values, 0.62 for 400, 0.63 for 2000 (TestDip).
	dipOfOneHump = 0.63
	// leastShare is the least share of either kind; fewer are outliers.
	leastShare = 0.1
	// mostDipped is how many values are looked at, as many of each block: the dip of more
	// takes long.
	mostDipped = 2000
)

// Humps returns the two kinds of values that a sample has, nil if it shows one. Blocks are
// of two kinds where their values, as medians of their turns, fall into two groups
// farther apart than those of one hump do in 1 of 200 cases; otherwise turns are where the
// dip test, at a level of 1 %, finds more than one hump in all of them together. Either
// way the median of one kind is LeastEffect above that of the other, for less nobody
// prefers one to the other, and each has a tenth of the values, and two blocks.
func (s Sample) Humps() *Humps {
	s = s.Positive()
	if blocks := newHalves(s.logs(1)); blocks != nil && blocks.apart() {
		if h := blocks.quoted(); h != nil {
			h.OfBlocks = true
			return h
		}
	}
	if turns := s.logs(mostDipped); len(turns) > len(s) && dip(turns)*math.Sqrt(float64(len(turns))) > dipOfOneHump {
		return newHalves(turns).quoted()
	}
	return nil
}

// logs returns the logarithms of so many turns of all blocks together, as many of each;
// where that is less than one, the median of its turns, and of a block without any its
// value.
func (s Sample) logs(most int) []float64 {
	var logs []float64
	for _, o := range s {
		each := min(len(o.Turns.Values), most/len(s))
		switch {
		case !o.Turns.positive():
			logs = append(logs, math.Log(o.Value))
		case each == 0:
			logs = append(logs, math.Log(*Median(o.Turns.Values)))
		}
		for i := range each {
			logs = append(logs, math.Log(o.Turns.Values[i*len(o.Turns.Values)/each]))
		}
	}
	return logs
}

// halves are sorted values in two groups.
type halves struct{ low, high []float64 }

// newHalves divides values into two groups, nil if they are too few.
func newHalves(values []float64) *halves {
	if len(values) < MinReps {
		return nil
	}
	slices.Sort(values)
	at := divide(values)
	return &halves{values[:at], values[at:]}
}

// apart reports whether the means of both groups are farther apart than chance puts
// them, in standard deviations within the groups: in at most 1 of 200 samples of a uniform
// distribution (TestHumpsOfBlocks). The limit is a line through what a simulation found there, such as
// 10.2 for 8 values, 8.4 for 10 and 5.9 for 20.
func (h *halves) apart() bool {
	if min(len(h.low), len(h.high)) < 2 {
		return false
	}
	n := float64(len(h.low) + len(h.high))
	low, within := spreadAbout(h.low)
	high, more := spreadAbout(h.high)
	return high-low > (4.2+27/(n-3.7))*math.Sqrt((within+more)/(n-2))
}

// spreadAbout returns the mean and the sum of squares about it.
func spreadAbout(values []float64) (mean, squares float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return mean, squares
}

// quoted returns what is said of the groups, nil if one of them is small or near the
// other.
func (h *halves) quoted() *Humps {
	share := float64(len(h.high)) / float64(len(h.low)+len(h.high))
	out := &Humps{Low: math.Exp(*Median(h.low)), High: math.Exp(*Median(h.high)), Share: share}
	if out.High < (1+LeastEffect)*out.Low || min(share, 1-share) < leastShare {
		return nil
	}
	return out
}

// divide returns where sorted values fall into two parts with the least sum of squares
// about their means, neither of which is empty.
func divide(sorted []float64) int {
	all := 0.0
	for _, v := range sorted {
		all += v
	}
	at, most, below := 1, math.Inf(-1), 0.0
	for i, v := range sorted[:len(sorted)-1] {
		below += v
		n, rest := float64(i+1), float64(len(sorted)-i-1)
		// What lies between the means is what does not lie about them.
		if between := below*below/n + (all-below)*(all-below)/rest; between > most {
			at, most = i+1, between
		}
	}
	return at
}
