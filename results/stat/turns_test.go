package stat_test

import (
	"encoding/csv"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/fanin-bench/fanin-bench/results/stat"
)

// noise are slices that were measured: of each strategy, each block, each turn, the time
// per message.
type noise map[string][][]float64

// recorded reads what two runs measured of 16 producers, on two cores that they had for
// themselves ("quiet") and on the same two beside other processes that came and
// went ("busy"), where strategies were of two kinds: with one core and with two.
// Two of the strategies took part twice, under two names.
func recorded(t testing.TB, host string) noise {
	t.Helper()
	f, err := os.Open("testdata/slices.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	n := noise{}
	for _, row := range rows {
		if row[0] != host {
			continue
		}
		block := make([]float64, len(row)-3)
		for i, text := range row[3:] {
			if block[i], err = strconv.ParseFloat(text, 64); err != nil {
				t.Fatal(err)
			}
		}
		n[row[2]] = append(n[row[2]], block)
	}
	return n
}

// world is where blocks come from: recorded ones, in any order and number, whose turns
// are drawn in stretches of five so that what lasts for some turns does so here too.
type world struct {
	host, of, by string
	// hump is by how much the logarithm of a time is higher in the second hump that was
	// put in, whole the share of processes that are in it from birth to end, and
	// turns that of turns, ten at a time.
	hump, whole, turns float64
}

func (w world) String() string {
	return fmt.Sprintf("%s %s over %s, second hump of %g: %g of processes, %g of turns", w.host, w.of, w.by, w.hump, w.whole, w.turns)
}

// stretch is how many turns are drawn together, stay how long turns are in a hump.
const (
	stretch = 5
	stay    = 10
)

// block draws what two strategies took in each turn of a block.
func (w world) block(n noise, rng *rand.Rand) (of, by []float64) {
	ofs, bys := n[w.of], n[w.by]
	at := rng.IntN(len(ofs))
	turns := len(ofs[at])
	for len(of) < turns {
		from := rng.IntN(turns - stretch + 1)
		of = append(of, ofs[at][from:from+stretch]...)
		by = append(by, bys[at][from:from+stretch]...)
	}
	whole, in := rng.Float64() < w.whole, false
	for i := range of {
		if i%stay == 0 {
			in = rng.Float64() < w.turns
		}
		if whole || in {
			of[i] *= math.Exp(w.hump)
		}
	}
	return of, by
}

// samples draws the blocks of a run.
func (w world) samples(n noise, rng *rand.Rand, blocks int) (of, by stat.Sample) {
	for block := range blocks {
		x, y := w.block(n, rng)
		of = of.Add(observed(block, x))
		by = by.Add(observed(block, y))
	}
	return of, by
}

func observed(block int, turns []float64) stat.Observation {
	sum := 0.0
	for _, v := range turns {
		sum += v
	}
	return stat.Observation{Block: block, Value: sum / float64(len(turns)), Turns: stat.Turns{Sitting: "a", Values: turns}}
}

// truth returns the ratio that the median of very many blocks has, as a range where
// half of them are in each of two humps: anything between those is a median then.
func (w world) truth(n noise, rng *rand.Rand) (least, most float64) {
	const many = 8000
	ratios := slices.Sorted(slices.Values(stat.NewPairs(w.samples(n, rng, many)).Values()))
	beside := 0
	if w.whole == 0.5 {
		beside = many / 100
	}
	return ratios[many/2-beside], ratios[many/2+beside]
}

// cover returns in how many of some runs the interval held the true ratio, which is least
// to most, and how far it reached on either side, on average.
func (w world) cover(n noise, least, most float64, blocks, tries int) (held int, width float64) {
	rng := rand.New(rand.NewPCG(uint64(blocks), 5))
	for range tries {
		ratio := stat.NewPairs(w.samples(n, rng, blocks)).Ratio()
		if *ratio.Lo <= most && least <= *ratio.Hi {
			held++
		}
		width += math.Log(*ratio.Hi / *ratio.Lo) / 2 / float64(tries)
	}
	return held, width
}

// kinds of worlds, of each of which intervals must hold what they promise.
const (
	oneHump  = "as recorded" // or of two humps, where the machine was busy
	ofWhole  = "processes of two kinds"
	inTurns  = "turns of two kinds"
	tossedUp = "half of the processes of each of two kinds"
)

// worlds lists a quiet machine, one that was busy, and strategies with two humps.
func worlds() map[string][]world {
	all := map[string][]world{}
	for _, host := range []string{"quiet", "busy"} {
		for _, pair := range [][2]string{
			{"chan", "chan-again"}, {"mutex-swap", "chan"}, {"lanes-ring", "chan"}, {"lanes-ring", "lanes-ring-again"}, {"mpsc-ring", "lanes-ring"},
		} {
			all[oneHump] = append(all[oneHump], world{host: host, of: pair[0], by: pair[1]})
		}
	}
	for _, pair := range [][2]string{{"chan", "chan-again"}, {"lanes-ring", "chan"}} {
		w := world{host: "quiet", of: pair[0], by: pair[1], hump: 0.35}
		for _, w.whole = range []float64{0.1, 0.3, 0.7} {
			all[ofWhole] = append(all[ofWhole], w)
		}
		w.whole = 0.5
		all[tossedUp] = append(all[tossedUp], w)
		w.whole = 0
		for _, w.turns = range []float64{0.1, 0.3, 0.5, 0.7} {
			all[inTurns] = append(all[inTurns], w)
		}
	}
	return all
}

// triesFlag is how many runs are simulated of each world; make cover has more.
var triesFlag = flag.Int("tries", 100, "simulated runs of each world")

// simulated is fewer in short runs, as under the race detector.
func simulated() int {
	if testing.Short() {
		return *triesFlag / 5
	}
	return *triesFlag
}

// TestTurnsCover counts how often intervals hold the true ratio, with the noise of real
// slices and whatever humps: in 93 to 97 of 100. Where half of the processes are of
// each kind there is a median anywhere between, and more hold one of those.
func TestTurnsCover(t *testing.T) {
	t.Parallel()
	tries := simulated()
	hosts := map[string]noise{"quiet": recorded(t, "quiet"), "busy": recorded(t, "busy")}
	for kind, worlds := range worlds() {
		truths := make([][2]float64, len(worlds))
		for i, w := range worlds {
			truths[i][0], truths[i][1] = w.truth(hosts[w.host], rand.New(rand.NewPCG(3, 4)))
		}
		for _, blocks := range []int{6, 8, 10, 20} {
			all := 0
			for i, w := range worlds {
				held, width := w.cover(hosts[w.host], truths[i][0], truths[i][1], blocks, tries)
				t.Logf("%d blocks, %s: %.1f %% of intervals hold it, ±%.1f %%", blocks, w, percent(held, tries), 100*width)
				if few := percent(held, tries); few < 93-slack(tries) || few > 97+slack(tries) && kind != tossedUp {
					t.Errorf("%d blocks, %s: %.1f %% of intervals hold the ratio", blocks, w, few)
				}
				all += held
			}
			share := percent(all, tries*len(worlds))
			t.Logf("%d blocks, %s: %.1f %% of intervals hold the ratio", blocks, kind, share)
			margin := slack(tries * len(worlds)) // of make cover 0.3 or less
			if share < 93-margin || share > 97+margin && kind != tossedUp {
				t.Errorf("%d blocks, %s: %.1f %% of intervals hold the ratio; want 93 to 97", blocks, kind, share)
			}
		}
	}
}

func percent(of, all int) float64 { return 100 * float64(of) / float64(all) }

// slack is three standard errors of a share of 95 % that so many tries find.
func slack(tries int) float64 { return 300 * math.Sqrt(0.95*0.05/float64(tries)) }

// TestTurnsFalseAlarms compares strategies with themselves, with the noise of real
// slices: as often as not one takes the place of the other, so that nothing differs.
func TestTurnsFalseAlarms(t *testing.T) {
	t.Parallel()
	tries := simulated()
	for _, host := range []string{"quiet", "busy"} {
		n := recorded(t, host)
		for _, name := range []string{"chan", "lanes-ring"} {
			w := world{host: host, of: name, by: name + "-again"}
			for _, blocks := range []int{6, 10, 20} {
				rng := rand.New(rand.NewPCG(6, uint64(blocks)))
				test, both, strict := 0, 0, 0
				for range tries {
					of, by := w.samples(n, rng, blocks)
					for i := range of {
						if rng.IntN(2) == 0 {
							of[i], by[i] = by[i], of[i]
						}
					}
					c := stat.NewPairs(of, by).Compare()
					test += count(c.P < stat.Alpha)
					both += count(c.Differ())
					strict += count(c.P < stat.Alpha/20 && c.Ratio.Excludes(1))
				}
				t.Logf("%d blocks, %s: %.1f %% by the test, %.1f %% with the interval, %.2f %% at the level for 20 comparisons",
					blocks, w, percent(test, tries), percent(both, tries), percent(strict, tries))
				if share := percent(both, tries); share > 5+slack(tries) {
					t.Errorf("%d blocks, %s: %.1f %% of comparisons of equal ones found a difference", blocks, w, share)
				}
			}
		}
	}
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// Turns pair within a sitting only, as far as both have them, and blocks that took none
// are left out where enough did.
func TestPairs(t *testing.T) {
	t.Parallel()
	in := func(block int, sitting string, value float64, turns ...float64) stat.Observation {
		return stat.Observation{Block: block, Value: value, Turns: stat.Turns{Sitting: sitting, Values: turns}}
	}
	for name, c := range map[string]struct {
		of, by stat.Sample
		turns  bool
		want   []float64
	}{
		"the middle half of the turns":      {stat.Sample{in(0, "a", 1, 2, 1, 30, 16)}, stat.Sample{in(0, "a", 1, 1, 1, 1, 2)}, true, []float64{4}},
		"a quarter of a turn at either end": {stat.Sample{in(0, "a", 1, 128, 1, 2)}, stat.Sample{in(0, "a", 1, 1, 1, 1)}, true, []float64{math.Exp2(11. / 6)}},
		"only turns that both had":          {stat.Sample{in(0, "a", 1, 2, 30, 8)}, stat.Sample{in(0, "a", 1, 1)}, true, []float64{2}},
		"other sittings are wholes":         {stat.Sample{in(0, "a", 6, 2)}, stat.Sample{in(0, "b", 2, 1)}, false, []float64{3}},
		"nobody's sitting is none":          {stat.Sample{in(0, "", 6, 2)}, stat.Sample{in(0, "", 2, 1)}, false, []float64{3}},
		"no turns":                          {stat.Sample{in(0, "a", 6)}, stat.Sample{in(0, "a", 2)}, false, []float64{3}},
		"a turn of which no ratio is":       {stat.Sample{in(0, "a", 6, 0)}, stat.Sample{in(0, "a", 2, 1)}, false, []float64{3}},
		"other blocks do not pair":          {stat.Sample{in(0, "a", 6, 2), in(1, "a", 6, 2)}, stat.Sample{in(1, "a", 2, 1), in(2, "a", 2, 1)}, true, []float64{2}},
		"one of two blocks took turns": {
			stat.Sample{in(0, "a", 6, 2), in(1, "b", 8, 2)}, stat.Sample{in(0, "a", 2, 1), in(1, "c", 2, 1)}, false, []float64{3, 4},
		},
		"nothing by nothing": {stat.Sample{in(0, "", 6)}, stat.Sample{in(0, "", 0)}, false, []float64{}},
	} {
		got := stat.NewPairs(c.of, c.by)
		if got.InTurns() != c.turns || got.Len() != len(c.want) || !slices.EqualFunc(got.Values(), c.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }) {
			t.Errorf("%s: %v, in turns: %t; want %v", name, got.Values(), got.InTurns(), c.want)
		}
	}
	var of, by stat.Sample
	for block := range 7 {
		of, by = of.Add(in(block, "a", 9, 2)), by.Add(in(block, "a", 1, 1))
	}
	of[3].Turns.Sitting = "alone"
	if got := stat.NewPairs(of, by); got.Len() != 6 || !got.InTurns() {
		t.Errorf("%d of 7 blocks count, in turns: %t; want the 6 that took turns", got.Len(), got.InTurns())
	}
	if p := stat.NewPairs(of, by).P(); math.Abs(p-1.0/32) > 1e-12 {
		t.Errorf("six equal ratios of 2 have a p of %v; want that of their signs", p)
	}
}

// TestInterpolated holds intervals against the paper's own weights: of ten
// values the ends lie between the second and the third.
func TestInterpolated(t *testing.T) {
	t.Parallel()
	got := stat.NewInterpolated([]float64{10, 1, 9, 2, 8, 3, 7, 4, 6, 5})
	// Coverages 0.97852 and 0.89063: a share of 0.32444, a weight of 8·0.32444/(2+6·0.32444).
	if got.Median != 5.5 || math.Abs(*got.Lo-2.6576) > 1e-3 || math.Abs(*got.Hi-8.3424) > 1e-3 {
		t.Errorf("%v..%v around %v; want 2.6576..8.3424", *got.Lo, *got.Hi, got.Median)
	}
	apart := stat.NewInterpolated([]float64{1, 2, 53, 54, 55, 56, 57, 58, 59, 60})
	if *apart.Lo != 2 {
		t.Errorf("the lower end %v is in a gap of 2 to 53", *apart.Lo)
	}
	if few := stat.NewInterpolated([]float64{1, 2, 3, 4, 5}); few.Median != 3 || few.Bounded() {
		t.Errorf("five values: %+v; want no bounds", few)
	}
	if stat.NewInterpolated(nil) != nil {
		t.Error("an interval of nothing")
	}
}

// TestHumps looks for two humps where there are some and where there are none, in real
// slices: of quiet machines, of a busy one, and with a second hump put in.
func TestHumps(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 8))
	draw := func(host, name string, second func(block, turn int) bool) (found int, last *stat.Humps) {
		n := recorded(t, host)[name]
		for range 100 {
			var s stat.Sample
			for block, at := range rng.Perm(len(n))[:10] {
				turns := slices.Clone(n[at])
				for turn := range turns {
					if second(block, turn) {
						turns[turn] *= 1.5
					}
				}
				s = s.Add(observed(block, turns))
			}
			if h := s.Humps(); h != nil {
				found, last = found+1, h
			}
		}
		return found, last
	}
	never := func(int, int) bool { return false }
	for _, name := range []string{"chan", "mutex-swap", "lanes-ring", "mpsc-ring"} {
		if found, last := draw("quiet", name, never); found > 4 {
			t.Errorf("%s: humps in %d of 100 samples, such as %+v; want 1", name, found, last)
		}
	}
	if found, last := draw("quiet", "chan", func(block, _ int) bool { return block < 4 }); found < 95 || !last.OfBlocks ||
		math.Abs(last.Share-0.4) > 1e-9 || math.Abs(last.High/last.Low-1.5) > 0.1 {
		t.Errorf("processes of two kinds: found in %d of 100 samples, such as %+v", found, last)
	}
	if found, last := draw("quiet", "chan", func(_, turn int) bool { return turn%4 == 0 }); found < 95 || last.OfBlocks ||
		math.Abs(last.Share-0.25) > 0.05 || math.Abs(last.High/last.Low-1.5) > 0.1 {
		t.Errorf("turns of two kinds: found in %d of 100 samples, such as %+v", found, last)
	}
	if found, last := draw("busy", "lanes-ring", never); found < 30 || !last.OfBlocks {
		t.Errorf("two kinds of processes on a busy machine: found in %d of 100 samples, such as %+v", found, last)
	}
	if h := stat.NewSample(1, 1, 1, 2, 2, 2).Humps(); h == nil || h.Low != 1 || h.High != 2 || h.Share != 0.5 || !h.OfBlocks {
		t.Errorf("blocks without turns: %+v", h)
	}
	if h := stat.NewSample(1, 2, 1, 2).Humps(); h != nil {
		t.Errorf("four blocks: %+v", h)
	}
}
