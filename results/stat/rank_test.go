package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// draw makes samples of lognormal values around medians, blocks of which drift
// together.
func draw(rng *rand.Rand, blocks int, spread float64, medians ...float64) [][]float64 {
	samples := make([][]float64, len(medians))
	for range blocks {
		drift := math.Exp(0.1 * rng.NormFloat64())
		for i, m := range medians {
			samples[i] = append(samples[i], m*drift*math.Exp(spread*rng.NormFloat64()))
		}
	}
	return samples
}

// rank ranks samples of every block.
func rank(all [][]float64) []Ranked {
	samples := make([]Sample, len(all))
	for i, values := range all {
		samples[i] = NewSample(values...)
	}
	return Rank(samples)
}

// places returns the place of each sample, 0 for one that has none.
func places(ranked []Ranked, samples int) []int {
	out := make([]int, samples)
	for _, r := range ranked {
		out[r.Index] = r.Place
	}
	return out
}

func TestRank(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1)) // the seed only makes the numbers reproducible
	clear := draw(rng, 10, 0.05, 300, 100, 200)
	gaps := [][]float64{{0, 10, 10, 10, 10, 10, 10, 10, 10, 0}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {31, 30, 30, 30, 30, 30, 30, 30, 30, 31}}
	for name, c := range map[string]struct {
		samples [][]float64
		want    []int
	}{
		"none":                    {nil, []int{}},
		"alone":                   {[][]float64{{1}}, []int{1}},
		"clear":                   {clear, []int{3, 1, 2}},
		"equal":                   {[][]float64{clear[0], clear[0], clear[0]}, []int{1, 1, 1}},
		"a twentieth":             {draw(rng, 30, 0.001, 100, 105), []int{1, 1}}, // real, and no reason
		"a fifth":                 {draw(rng, 30, 0.001, 100, 120), []int{1, 2}},
		"too few":                 {draw(rng, MinReps-1, 0.01, 1, 100), []int{1, 1}},
		"in the noise":            {draw(rng, 10, 1, 100, 105, 110), []int{1, 1, 1}},
		"trials missing":          {gaps, []int{1, 0, 2}},
		"no block in common":      {[][]float64{{1, 0}, {0, 5}}, []int{1, 1}},
		"two ties, one after one": {draw(rng, 10, 0.05, 100, 103, 300, 309), []int{1, 1, 2, 2}},
	} {
		ranked := rank(c.samples)
		if got := places(ranked, len(c.samples)); !slices.Equal(got, c.want) {
			t.Errorf("%s: places %v, want %v", name, got, c.want)
		}
		if !slices.IsSortedFunc(ranked, func(a, b Ranked) int { return a.Place - b.Place }) {
			t.Errorf("%s: not in the order of places: %v", name, ranked)
		}
	}
	ranked := rank(clear)
	if ranked[0].Against != nil || ranked[0].Index != 1 {
		t.Errorf("the winner is %+v", ranked[0])
	}
	if against := ranked[2].Against; against == nil || math.Abs(against.Median-3) > 0.3 || against.Lo == nil || *against.Lo > *against.Hi {
		t.Errorf("the last against the winner: %+v, want about 3", against)
	}
}

// Two runs of the same samples must not contradict each other: what one names
// the winner the other has at least in its tie. The samples are as hard as they
// come: several within the noise, several just beyond it.
func TestRankSurvivesARerun(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(2, 2))
	const reruns = 60
	for name, medians := range map[string][]float64{
		"equal":  {100, 100, 100, 100, 100, 100},
		"close":  {100, 104, 110, 120, 130, 150, 180, 200},
		"winner": {100, 160, 170, 180, 400},
		"pairs":  {100, 101, 140, 141, 200, 202},
	} {
		for _, spread := range []float64{0.03, 0.3} {
			agreed := 0
			for range reruns {
				a, b := rank(draw(rng, 10, spread, medians...)), rank(draw(rng, 10, spread, medians...))
				if places(b, len(medians))[a[0].Index] == 1 && places(a, len(medians))[b[0].Index] == 1 {
					agreed++
				}
			}
			if agreed < reruns*19/20 {
				t.Errorf("%s at a spread of %v: %d of %d reruns agree", name, spread, agreed, reruns)
			}
		}
	}
}

func TestHolm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ ps, want []float64 }{
		{nil, []float64{}},
		{[]float64{0.02}, []float64{0.02}},
		{[]float64{0.04, 0.01, 0.03}, []float64{0.06, 0.03, 0.06}},
		{[]float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}}, // R's p.adjust gives the same
		{[]float64{0.9, 0.8}, []float64{1, 1}},
	} {
		got := Holm(c.ps)
		if !slices.EqualFunc(got, c.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }) {
			t.Errorf("Holm(%v) = %v, want %v", c.ps, got, c.want)
		}
	}
}
