package advice

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/peers"
)

// Each guarantee rules out what cannot give it, and says why. Not in parallel with others:
// it weighs the heap.
func TestCandidates(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Needs)
		fit    string // some that stay
		out    map[string]string
	}{
		"nothing asked": {func(*Needs) {}, "chan lanes mutex-swap", nil},
		"global order":  {func(n *Needs) { n.Order = OrderGlobal }, "chan mutex-swap", map[string]string{"lanes": "keeps order per producer only"}},
		"memory": {func(n *Needs) { n.Memory, n.Payload = 1<<20, 64 }, "chan mutex-cond", map[string]string{
			"mutex-swap": "is unbounded",
			"lanes-ring": "holds 65536 items of 64 B when full, and they occupy 7.",
		}},
		"drop-oldest": {func(n *Needs) { n.Loss = []string{"drop-oldest"} }, "chan lanes", map[string]string{
			"chan-merge": "has the overflow policy block, which --loss drop-oldest excludes; has the overflow policy fail, " +
				"which --loss drop-oldest excludes; has the overflow policy drop-newest, which --loss drop-oldest excludes",
		}},
		"broken promises": {func(n *Needs) { n.Strategies = []string{"ringbuf", "chan"} }, "chan", map[string]string{
			"ringbuf": "does not promise exactly-once",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			n := lossless()
			n.Producers, n.Rate = 64, 1e5
			c.change(&n)
			q, err := Ask(n, append(strategies.All(), peers.All()...))
			if err != nil {
				t.Fatal(err)
			}
			cells, excluded, err := q.candidates()
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range cells {
				if x.Policy != "" && !slices.Contains(q.policies, x.Policy) || x.Policy == "" && c.out[x.Strategy] != "" {
					t.Errorf("%v is among the candidates", x)
				}
			}
			for name := range strings.FieldsSeq(c.fit) {
				if !slices.ContainsFunc(cells, func(x results.Cell) bool { return x.Strategy == name }) {
					t.Errorf("%s was ruled out: %v", name, excluded)
				}
			}
			for name, why := range c.out {
				if !slices.ContainsFunc(excluded, func(e Exclusion) bool { return e.Strategy == name && strings.HasPrefix(e.Why, why) }) {
					t.Errorf("%s is not ruled out because it %q: %v", name, why, excluded)
				}
			}
		})
	}
}

// A plan takes about as long as was said, and has enough repetitions to tell.
func TestPlan(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{0, 1e5} {
		n := lossless()
		n.Loss, n.Rate = []string{"drop-newest", "drop-oldest"}, rate
		const budget = 80 * time.Second
		m, err := mustAsk(n).Measurement(budget, 1)
		if err != nil || m.Plan.Reps < leastReps || len(m.Plan.Cells) == 0 || m.Plan.Seed != 1 {
			t.Fatalf("rate %v: %v, %d repetitions of %d cells", rate, err, m.Plan.Reps, len(m.Plan.Cells))
		}
		if d := time.Duration(m.Scenario.Duration); d < leastMeasured || time.Duration(len(m.Plan.Cells)*m.Plan.Reps)*d > budget {
			t.Errorf("rate %v: %v a trial", rate, d)
		}
	}
}

// More time is more repetitions, once trials are long enough.
func TestPlanUsesTheTime(t *testing.T) {
	t.Parallel()
	n := lossless()
	n.Producers = 4
	short, err := mustAsk(n).Measurement(80*time.Second, 1)
	if err != nil {
		t.Fatal(err)
	}
	long, err := mustAsk(n).Measurement(5*time.Minute, 1)
	if err != nil || long.Plan.Reps <= short.Plan.Reps || long.Plan.Reps > mostReps || time.Duration(long.Scenario.Duration) > scenario.DefaultOffer {
		t.Errorf("%d repetitions of %v in five minutes, %d in 80 s: %v", long.Plan.Reps, time.Duration(long.Scenario.Duration), short.Plan.Reps, err)
	}
}

// Measuring beside neighbours is measuring cells that have them.
func TestPlanBesideNeighbours(t *testing.T) {
	t.Parallel()
	n := lossless()
	n.Producers, n.Busy, n.BusyKind = 4, 4, results.BusyAlloc
	m, err := mustAsk(n).Measurement(10*time.Minute, 1)
	if err != nil || len(m.Plan.Cells) == 0 {
		t.Fatalf("plan %v, %v", m, err)
	}
	for _, c := range m.Plan.Cells {
		if c.Busy != 4 || c.BusyKind != results.BusyAlloc {
			t.Errorf("cell %s; want 4 neighbours that allocate", c)
		}
	}
}

// Where nothing meets the guarantees there is nothing to measure, and an answer.
func TestNothingToMeasure(t *testing.T) {
	t.Parallel()
	n := lossless()
	n.Strategies, n.Order = []string{"lanes"}, OrderGlobal
	q := mustAsk(n)
	m, err := q.Measurement(80*time.Second, 1)
	if err != nil || len(m.Plan.Cells) > 0 {
		t.Fatalf("plan %v, %v", m, err)
	}
	a := q.Answer(m, nil, nil)
	if err := a.Err(); err == nil || !strings.Contains(err.Error(), "none meets the guarantees") || len(a.Excluded) != 1 {
		t.Errorf("%v, ruled out %v", err, a.Excluded)
	}
}
