package stat

import (
	"flag"
	"math"
	"math/rand/v2"
	"testing"
)

// samplesOfOneHump is how many samples are drawn; make cover draws more.
var samplesOfOneHump = flag.Int("samples", 400, "simulated samples of one hump")

// uniform draws values of the distribution with one hump that is closest to having two.
func uniform(rng *rand.Rand, n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = rng.Float64()
	}
	return values
}

// exceeded returns the share in percent of samples of one hump of which a test says two,
// and what may be expected above 1 % by chance.
func exceeded(is func() bool) (share, slack float64) {
	found := 0
	for range *samplesOfOneHump {
		if is() {
			found++
		}
	}
	return 100 * float64(found) / float64(*samplesOfOneHump), 300 * math.Sqrt(0.01/float64(*samplesOfOneHump))
}

// TestDip pins dips that are known, and counts how often the limit is exceeded by
// chance.
func TestDip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{1, 2, 3, 4}, 1.0 / 8},           // in equal steps: half of one
		{[]float64{7, 7, 7}, 1.0 / 6},              // one place
		{[]float64{2, 1, 1, 2, 2, 1}, 0.25},        // half in each of two places: the most there is
		{[]float64{1, 2, 4, 8, 16, 8, 4}, 1.0 / 7}, // ties within a hump
	} {
		if got := dip(c.values); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("the dip of %v is %v; want %v", c.values, got, c.want)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{10, 60, 400} {
		share, slack := exceeded(func() bool { return dip(uniform(rng, n))*math.Sqrt(float64(n)) > dipOfOneHump })
		t.Logf("of %d values of one hump, %.2f %% of samples exceed the limit", n, share)
		if share > 1+slack {
			t.Errorf("of %d values of one hump, %.2f %% of samples exceed the limit; want 1", n, share)
		}
	}
}

// TestHumpsOfBlocks counts how often blocks of one kind seem to be of two.
func TestHumpsOfBlocks(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{6, 8, 10, 20, 40} {
		share, slack := exceeded(func() bool { return newHalves(uniform(rng, n)).apart() })
		t.Logf("%.2f %% of %d blocks of one kind seem to be of two", share, n)
		if share > 0.6+slack {
			t.Errorf("%.2f %% of %d blocks of one kind seem to be of two; want 0.5", share, n)
		}
	}
}
