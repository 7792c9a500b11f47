package advice

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// madeUp is a strategy's part in a made-up run of an open loop.
type madeUp struct {
	p99    float64 // median over trials, ns
	spread float64 // of the logarithm, between trials
	behind float64 // by which share trials take longer than the schedule
	peak   int64
	fails  results.FailureKind // of one trial
}

// madeRun makes a run of 100 k messages per second of 16 producers, ten blocks of
// 200 ms, whose floor takes 10 MiB.
func madeRun(n Needs, seed uint64, of map[string]madeUp) *results.Run {
	names := []string{"null"}
	for name := range of {
		names = append(names, name)
	}
	n.Strategies, n.Producers, n.Rate, n.Arrival, n.Payload, n.SendBatch = names, 16, 1e5, results.ArrivalPoisson, 8, 1
	cells, _, err := mustAsk(n).candidates()
	if err != nil {
		panic(err)
	}
	for i := range cells {
		cells[i].DurationNs = 2e8
	}
	run := &results.Run{Manifest: results.Manifest{Reps: 10, Cells: cells, Strategies: harness.DescribeIn(cells, strategies.All())}}
	rng := rand.New(rand.NewPCG(seed, 1)) // the seed only makes the numbers reproducible
	for block := range run.Manifest.Reps {
		for _, c := range cells {
			t := results.Trial{Cell: c, Block: block}
			if s := of[c.Strategy]; s.fails != "" && block == 3 {
				t.Failure = &results.Failure{Kind: s.fails, Detail: "made up"}
			} else {
				t.Measurement = s.trial(rng)
			}
			run.Trials = append(run.Trials, t)
		}
	}
	return run
}

func (s madeUp) trial(rng *rand.Rand) *results.Measurement {
	const messages = 20_000
	m := &results.Measurement{
		ElapsedNs: int64(2e8 * (1 + s.behind)), Attempted: messages, Delivered: messages, Receives: messages, OfferedRate: 1e5, AchievedRate: 1e5,
		CPUNs: messages * 1000, PeakBytes: max(10<<20, s.peak), Response: histogram.New(),
	}
	p99 := int64(s.p99 * math.Exp(s.spread*rng.NormFloat64()))
	for range 50 {
		m.Response.Record(p99 / 2)
	}
	m.Response.RecordMany(p99/4, 9000)
	m.Response.RecordMany(p99, 200)
	return m
}

// lossless asks for what recommend asks for without a flag.
func lossless() Needs {
	return Needs{
		Cell: Anything(),
		Loss: []string{LossNone}, Order: OrderPerProducer,
	}
}

// mustAsk asks what is known to be a question.
func mustAsk(n Needs) *Question {
	q, err := Ask(n, strategies.All())
	if err != nil {
		panic(err)
	}
	return q
}

func TestAdvice(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		of      map[string]madeUp
		memory  scenario.Size
		winners string // sorted
		pick    string
		said    string // in the text
		err     string
	}{
		"a clear winner": {
			of:      map[string]madeUp{"chan": {p99: 2e6, spread: 0.1}, "lanes": {p99: 1e6, spread: 0.1}, "mutex-cond": {p99: 4e6, spread: 0.1}},
			winners: "lanes", pick: "lanes", said: "Use lanes.",
		},
		"a channel is as good": {
			of:      map[string]madeUp{"mutex-cond": {p99: 1e6, spread: 0.05}, "chan": {p99: 1.08e6, spread: 0.05}, "lanes": {p99: 3e6, spread: 0.05}},
			winners: "chan mutex-cond", pick: "chan", said: "It does not matter: use a channel (chan). It takes 1.13",
		},
		"a channel is as good, and takes more memory": {
			of:      map[string]madeUp{"mutex-cond": {p99: 1e6, spread: 0.05}, "chan": {p99: 1.02e6, spread: 0.05, peak: 20 << 20}},
			winners: "chan mutex-cond", pick: "mutex-cond", said: "A tie: use mutex-cond",
		},
		"a tie, to the first as listed": {
			of:      map[string]madeUp{"mutex-cond": {p99: 1e6, spread: 0.2}, "chan": {p99: 1.02e6, spread: 0.2}},
			winners: "chan mutex-cond", pick: "chan", said: "A tie: use chan, or mutex-cond.",
		},
		"too noisy for a tie": {
			of:      map[string]madeUp{"mutex-cond": {p99: 1e6, spread: 1.2}, "chan": {p99: 1.02e6, spread: 1.2}},
			winners: "chan mutex-cond", said: "Not decided: this machine is too noisy: the response time (p99) of", err: "not decided: this machine is too noisy",
		},
		"one is too noisy": {
			of: map[string]madeUp{
				"mutex-cond": {p99: 1e6, spread: 0.1}, "chan": {p99: 1.02e6, spread: 0.1}, "lanes": {p99: 2e6, spread: 2},
			},
			winners: "chan mutex-cond", pick: "chan", said: "It does not show whether these are worse: lanes.",
		},
		"a tie, to less memory": {
			of:      map[string]madeUp{"chan": {p99: 1e6, spread: 0.2, peak: 40 << 20}, "mutex-cond": {p99: 1.01e6, spread: 0.2, peak: 20 << 20}},
			winners: "chan mutex-cond", pick: "mutex-cond", said: "A tie: use mutex-cond",
		},
		"the fastest falls behind": {
			of:      map[string]madeUp{"chan": {p99: 1e6, behind: 0.5}, "mutex-cond": {p99: 9e6}},
			winners: "mutex-cond", pick: "mutex-cond", said: "chan takes 49 % longer than its schedule: it reaches 66.7 k msg/s.",
		},
		"all fall behind": {
			of:   map[string]madeUp{"chan": {p99: 1e6, behind: 0.5}, "mutex-cond": {p99: 9e6, behind: 0.25}},
			said: "Nothing sustains 100 k msg/s. The most was 80.0 k msg/s (80.0 k msg/s to 80.0 k msg/s) of mutex-cond.",
			err:  "none sustains the workload",
		},
		"what a queue takes is not what the process does": {
			of:     map[string]madeUp{"chan": {p99: 1e6, peak: 90 << 20}, "mutex-cond": {p99: 9e6, peak: 20 << 20}},
			memory: 64 << 20, winners: "chan", pick: "chan", said: "FULL QUEUE  PROCESS",
		},
		"a lost item": {
			of:      map[string]madeUp{"chan": {p99: 1e6, fails: results.FailureDelivery}, "mutex-cond": {p99: 9e6}},
			winners: "mutex-cond", pick: "mutex-cond", said: "chan 1 of 10 trials failed, delivery: made up.", err: "measuring chan: it broke the contract",
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := lossless()
			n.Memory = c.memory
			run := madeRun(n, 1, c.of)
			advice := mustAsk(n).judge(run, results.Summarize(run), run.Manifest.Cells)
			slices.Sort(advice.Winners)
			if got := strings.Join(advice.Winners, " "); got != c.winners || advice.Pick != c.pick {
				t.Errorf("winners %q, pick %q; want %q, %q", got, advice.Pick, c.winners, c.pick)
			}
			var out strings.Builder
			if err := errors.Join(advice.WriteText(&out), advice.Err()); (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			if !strings.Contains(out.String(), c.said) {
				t.Errorf("no %q in:\n%s", c.said, out.String())
			}
			for _, x := range advice.Candidates {
				if i := x.Against; i != nil && (i.Median < 1 || i.Lo != nil && *i.Lo < 1) {
					t.Errorf("%s takes %v times the best", x.Name, i.Median)
				}
			}
			if (advice.Code != "") != (c.pick != "") || c.pick != "" && advice.Candidates[0].Name != c.pick {
				t.Errorf("first is %q, with code %q", advice.Candidates[0].Name, advice.Code)
			}
		})
	}
}

// What one run recommends the other has at least in its tie.
func TestAdviceSurvivesARerun(t *testing.T) {
	t.Parallel()
	of := map[string]madeUp{
		"chan": {p99: 1e6, spread: 0.3}, "mutex-cond": {p99: 1.1e6, spread: 0.3}, "lanes": {p99: 1.6e6, spread: 0.3}, "chan-batch": {p99: 4e6, spread: 0.3},
	}
	n := lossless()
	const reruns = 40
	agreed := 0
	for i := range uint64(reruns) {
		first, second := madeRun(n, 2*i+1, of), madeRun(n, 2*i+2, of)
		a, b := mustAsk(n).judge(first, results.Summarize(first), first.Manifest.Cells), mustAsk(n).judge(second, results.Summarize(second), second.Manifest.Cells)
		if slices.Contains(a.Winners, b.Pick) && slices.Contains(b.Winners, a.Pick) {
			agreed++
		}
	}
	if agreed < reruns*19/20 {
		t.Errorf("%d of %d reruns agree", agreed, reruns)
	}
}

// Who wins at the cost of the neighbours does so with a note.
func TestNotesStarved(t *testing.T) {
	t.Parallel()
	share := func(v float64) *stat.Interval { return &stat.Interval{Median: v} }
	for name, test := range map[string]struct {
		pick, other float64
		noted       bool
	}{"starved": {0.2, 0.6, true}, "about the same": {0.55, 0.6, false}, "more left": {0.6, 0.2, false}} {
		a := &Advice{Pick: "fast", Candidates: []Candidate{
			{Name: "fast", Place: 1, Neighbours: share(test.pick)}, {Name: "slow", Place: 2, Neighbours: share(test.other)},
		}}
		a.noteNeighbours()
		if noted := len(a.Notes) > 0; noted != test.noted || noted && !strings.Contains(a.Notes[0], "beside fast they reach 0.200") {
			t.Errorf("%s: notes %q", name, a.Notes)
		}
	}
}

// Who shares a Sender gets a strategy in the order that is needed.
func TestOrderOfSenders(t *testing.T) {
	t.Parallel()
	n := lossless()
	n.Sharing = results.SharingShared
	for order, want := range map[string]string{
		OrderNone:        "chan chan-merge lanes",
		OrderPerProducer: "chan chan-merge",
		OrderGlobal:      "chan",
	} {
		n.Order, n.Strategies = order, []string{"chan", "chan-merge", "lanes"}
		cells, _, err := mustAsk(n).candidates()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range cells {
			if c.Strategy != "null" {
				got = append(got, c.Strategy)
			}
		}
		if list := strings.Join(slices.Compact(got), " "); list != want {
			t.Errorf("order %s: %s; want %s", order, list, want)
		}
	}
}

// What the pick does not promise stands beside its name.
func TestPickThatLacks(t *testing.T) {
	t.Parallel()
	for pick, want := range map[string]string{
		"bare": "Use bare. bare does not promise close, consumer-close.",
		"full": "Use full.",
	} {
		a := &Advice{Pick: pick, Winners: []string{pick}, Candidates: []Candidate{
			{Name: "bare", Lacks: []string{"close", "consumer-close"}}, {Name: "full"},
		}}
		if got := a.choice(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
