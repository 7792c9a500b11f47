package stat_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results/stat"
)

// lognormal makes a sample as trials of one strategy give it.
func lognormal(rng *rand.Rand, n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = 1e7 * math.Exp(0.05*rng.NormFloat64())
	}
	return values
}

func TestCompareKnownSamples(t *testing.T) {
	t.Parallel()
	one, ten := []float64{1, 2, 3, 4, 5, 6}, []float64{10, 20, 30, 40, 50, 60}
	// The two orders that separate six values from six, of 12!/(6! 6!) = 924.
	apart := stat.Compare(one, ten)
	if math.Abs(apart.P-2.0/924) > 1e-12 || !apart.Different || apart.Delta != 9 || len(apart.Warnings) != 0 {
		t.Errorf("%+v", apart)
	}
	if apart.Lo == nil || *apart.Lo > 9 || *apart.Hi < 9 {
		t.Errorf("interval %v..%v does not hold 9", apart.Lo, apart.Hi)
	}
	if text := apart.String(); text != "+900.0 % (p=0.0022)" {
		t.Errorf("%q", text)
	}
	if back := stat.Compare(ten, one); back.P != apart.P || math.Abs(back.Delta+0.9) > 1e-12 {
		t.Errorf("the other way round: %+v", back)
	}
	if same := stat.Compare(one, one); same.Different || same.Delta != 0 || !strings.HasPrefix(same.String(), "no difference") {
		t.Errorf("%+v", same)
	}
	if one[0] != 1 || ten[5] != 60 {
		t.Error("the samples were changed")
	}
	few := stat.Compare(one[:3], ten[:3])
	if few.Different || few.Lo != nil || len(few.Warnings) == 0 {
		t.Errorf("three values cannot tell: %+v", few)
	}
	if none := stat.Compare(nil, one); none.Different || len(none.Warnings) == 0 {
		t.Errorf("%+v", none)
	}
}

// TestCompareFalsePositives tests samples of one distribution 2000 times, as Compare does,
// without the interval. At 5 % it may find 100 differences; 120 would be two standard
// deviations more.
func TestCompareFalsePositives(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	const tries = 2000
	found := 0
	for try := range tries {
		a, b := lognormal(rng, 10), lognormal(rng, 10)
		p := stat.MannWhitney(a, b).P
		if p < stat.Alpha {
			found++
		}
		if try < 20 { // they agree
			if c := stat.Compare(a, b); c.P != p || c.Different != (p < stat.Alpha) {
				t.Errorf("%+v; the test gives %v", c, p)
			}
		}
	}
	t.Logf("%d of %d A/A comparisons found a difference: %.1f %%", found, tries, 100*float64(found)/tries)
	if found > 120 || found < 20 {
		t.Errorf("%d of %d A/A comparisons found a difference, want 1..6 %%", found, tries)
	}
}

// TestCompareFindsDifferences: a difference of two standard deviations is found
// nearly always.
func TestCompareFindsDifferences(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	const tries = 200
	found := 0
	for range tries {
		b := lognormal(rng, 10)
		for i := range b {
			b[i] *= 1.1
		}
		if c := stat.Compare(lognormal(rng, 10), b); c.Different && c.Delta > 0 {
			found++
		}
	}
	if found < 180 {
		t.Errorf("10 %% more was found in %d of %d tries", found, tries)
	}
}

// TestBootstrapCovers counts how often the interval holds the true median.
func TestBootstrapCovers(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{6, 10} {
		const tries = 500
		held := 0
		for range tries {
			if i := stat.NewBootstrap(lognormal(rng, n), 7); *i.Lo <= 1e7 && 1e7 <= *i.Hi {
				held++
			}
		}
		t.Logf("n=%d: %.1f %% of %d intervals hold the median", n, 100*float64(held)/tries, tries)
		if held < tries*90/100 {
			t.Errorf("n=%d: only %d of %d intervals hold the median", n, held, tries)
		}
	}
}

func TestBootstrapIsReproducible(t *testing.T) {
	t.Parallel()
	values := lognormal(rand.New(rand.NewPCG(8, 9)), 10)
	a, b, other := stat.NewBootstrap(values, 1), stat.NewBootstrap(values, 1), stat.NewBootstrap(values, 2)
	if a.Median != b.Median || *a.Lo != *b.Lo || *a.Hi != *b.Hi {
		t.Errorf("%+v and %+v from the same seed", a, b)
	}
	if a.Median != other.Median || *a.Lo > a.Median || *a.Hi < a.Median {
		t.Errorf("%+v, with another seed %+v", a, other)
	}
	if few := stat.NewBootstrap(values[:5], 1); few.Lo != nil || few.Hi != nil {
		t.Errorf("an interval of five blocks: %+v", few)
	}
	if stat.NewBootstrap(nil, 1) != nil {
		t.Error("an interval of nothing")
	}
}
