package cmd

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/peers"
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
func madeRun(n needs, seed uint64, of map[string]madeUp) *results.Run {
	names := []string{"null"}
	for name := range of {
		names = append(names, name)
	}
	n.strategies, n.producers, n.rate, n.arrival, n.payload, n.sendBatch = names, 16, 1e5, results.ArrivalPoisson, 8, 1
	cells, _, err := n.candidates(known())
	if err != nil {
		panic(err)
	}
	for i := range cells {
		cells[i].DurationNs = 2e8
	}
	run := &results.Run{Manifest: results.Manifest{Reps: 10, Cells: cells, Strategies: planned(known(), cells)}}
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
		CPUNs: messages * 1000, PeakBytes: max(10<<20, s.peak), Response: results.NewHistogram(),
	}
	p99 := int64(s.p99 * math.Exp(s.spread*rng.NormFloat64()))
	for range 50 {
		m.Response.Record(p99 / 2)
	}
	m.Response.RecordMany(p99/4, 9000)
	m.Response.RecordMany(p99, 200)
	return m
}

func lossless() needs {
	return needs{loss: []string{lossNone}, policies: []string{strategies.Block.String()}, order: orderPerProducer}
}

func TestAdvice(t *testing.T) {
	for name, c := range map[string]struct {
		of      map[string]madeUp
		memory  harness.Size
		winners string // sorted
		pick    string
		said    string // in the text
		err     string
	}{
		"a clear winner": {
			of:      map[string]madeUp{"chan": {p99: 2e6, spread: 0.1}, "lanes": {p99: 1e6, spread: 0.1}, "mutex-cond": {p99: 4e6, spread: 0.1}},
			winners: "lanes", pick: "lanes", said: "Use lanes.",
		},
		"a tie, to the first as listed": {
			of:      map[string]madeUp{"mutex-cond": {p99: 1e6, spread: 0.2}, "chan": {p99: 1.02e6, spread: 0.2}},
			winners: "chan mutex-cond", pick: "chan", said: "A tie: use chan, or as well mutex-cond.",
		},
		"too noisy for a tie": {
			of:      map[string]madeUp{"mutex-cond": {p99: 1e6, spread: 1.2}, "chan": {p99: 1.02e6, spread: 1.2}},
			winners: "chan mutex-cond", said: "Not decided: this machine is too noisy: the response time (p99) of", err: "not decided: this machine is too noisy",
		},
		"one is too noisy": {
			of: map[string]madeUp{
				"mutex-cond": {p99: 1e6, spread: 0.1}, "chan": {p99: 1.02e6, spread: 0.1}, "lanes": {p99: 2e6, spread: 2},
			},
			winners: "chan mutex-cond", pick: "chan", said: "It cannot tell either whether any of these is worse: lanes.",
		},
		"a tie, to less memory": {
			of:      map[string]madeUp{"chan": {p99: 1e6, spread: 0.2, peak: 40 << 20}, "mutex-cond": {p99: 1.01e6, spread: 0.2, peak: 20 << 20}},
			winners: "chan mutex-cond", pick: "mutex-cond", said: "A tie: use mutex-cond",
		},
		"the fastest falls behind": {
			of:      map[string]madeUp{"chan": {p99: 1e6, behind: 0.5}, "mutex-cond": {p99: 9e6}},
			winners: "mutex-cond", pick: "mutex-cond", said: "chan takes 49 % longer than the schedule: it reaches 66.7 k msg/s.",
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
			n.memory = c.memory
			run := madeRun(n, 1, c.of)
			advice := newAdvice(run, known(), n, run.Manifest.Cells)
			slices.Sort(advice.Winners)
			if got := strings.Join(advice.Winners, " "); got != c.winners || advice.Pick != c.pick {
				t.Errorf("winners %q, pick %q; want %q, %q", got, advice.Pick, c.winners, c.pick)
			}
			var out strings.Builder
			a := &app{stdout: &out}
			if err := a.answer(false, advice); (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
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
	of := map[string]madeUp{
		"chan": {p99: 1e6, spread: 0.3}, "mutex-cond": {p99: 1.1e6, spread: 0.3}, "lanes": {p99: 1.6e6, spread: 0.3}, "chan-batch": {p99: 4e6, spread: 0.3},
	}
	n := lossless()
	const reruns = 40
	agreed := 0
	for i := range uint64(reruns) {
		first, second := madeRun(n, 2*i+1, of), madeRun(n, 2*i+2, of)
		a, b := newAdvice(first, known(), n, first.Manifest.Cells), newAdvice(second, known(), n, second.Manifest.Cells)
		if slices.Contains(a.Winners, b.Pick) && slices.Contains(b.Winners, a.Pick) {
			agreed++
		}
	}
	if agreed < reruns*19/20 {
		t.Errorf("%d of %d reruns agree", agreed, reruns)
	}
}

// Each guarantee rules out what cannot give it, and says why.
func TestCandidates(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*needs)
		fit    string // some that stay
		out    map[string]string
	}{
		"nothing asked": {func(*needs) {}, "chan lanes mutex-swap", nil},
		"global order":  {func(n *needs) { n.order = orderGlobal }, "chan mutex-swap", map[string]string{"lanes": "keeps order per producer only"}},
		"memory": {func(n *needs) { n.memory, n.payload = 1<<20, 64 }, "chan mutex-cond", map[string]string{
			"mutex-swap": "nothing bounds what it holds",
			"lanes-ring": "holds 65536 items of 64 B when full, which occupy 7.",
		}},
		"drop-oldest": {func(n *needs) { n.loss = []string{"drop-oldest"} }, "chan lanes", map[string]string{
			"chan-merge": "when full it does block, which --loss drop-oldest does not allow; when full it does fail, " +
				"which --loss drop-oldest does not allow; when full it does drop-newest, which --loss drop-oldest does not allow",
		}},
		"broken promises": {func(n *needs) { n.strategies = []string{"ringbuf", "chan"} }, "chan", map[string]string{
			"ringbuf": "does not keep the promise \"exactly-once\"",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			n := needs{producers: 64, rate: 1e5, arrival: results.ArrivalPoisson, payload: 8, sendBatch: 1, loss: []string{lossNone}, order: orderPerProducer}
			c.change(&n)
			if err := n.check(); err != nil {
				t.Fatal(err)
			}
			cells, excluded, err := n.candidates(append(strategies.All(), peers.All()...))
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range cells {
				if x.Policy != "" && !slices.Contains(n.policies, x.Policy) || x.Policy == "" && c.out[x.Strategy] != "" {
					t.Errorf("%v is among the candidates", x)
				}
			}
			for name := range strings.FieldsSeq(c.fit) {
				if !slices.ContainsFunc(cells, func(x results.Cell) bool { return x.Strategy == name }) {
					t.Errorf("%s was ruled out: %v", name, excluded)
				}
			}
			for name, why := range c.out {
				if !slices.ContainsFunc(excluded, func(e exclusion) bool { return e.Strategy == name && strings.HasPrefix(e.Why, why) }) {
					t.Errorf("%s is not ruled out because it %q: %v", name, why, excluded)
				}
			}
		})
	}
}

// The code of every strategy under every policy compiles, and every strategy that
// carries anything has some.
func TestSnippetsCompile(t *testing.T) {
	var file strings.Builder
	paths := map[string]bool{}
	snippets := 0
	for _, s := range strategies.All() {
		if s.Floor {
			continue
		}
		for _, policy := range strategies.Policies() {
			if !s.Offers(policy) {
				continue
			}
			c := results.Cell{Strategy: s.Name, Producers: 3, Policy: policy.String(), Capacity: 64, RecvBatch: 16}
			imports, code := snippet(s, c)
			if code == "" {
				t.Errorf("%s has no code", s.Name)
				continue
			}
			for _, path := range imports {
				paths[path] = true
			}
			snippets++
			fmt.Fprintf(&file, "func _(source func(int) <-chan Event, handle func([]Event)) {\n%s}\n", code)
		}
	}
	head := "package p\n"
	for path := range paths {
		head += fmt.Sprintf("import %q\n", path)
	}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, "snippets.go", head+"type Event struct{ Name string }\n"+file.String(), 0)
	if err != nil {
		t.Fatal(err)
	}
	config := types.Config{Importer: importer.ForCompiler(set, "source", nil)}
	if _, err := config.Check("p", set, []*ast.File{parsed}, nil); err != nil {
		t.Error(err)
	}
	if snippets < 2*len(strategies.All()) {
		t.Errorf("only %d snippets", snippets)
	}
	for _, s := range peers.All() { // to compile what they import takes too long here
		path, name := constructor(s)
		if s.Unbuildable == "" && (!strings.HasSuffix(path, "/strategies/peers") || !token.IsExported(name)) {
			t.Errorf("%s has the constructor %q of %q", s.Name, name, path)
		}
	}
	if imports, code := snippet(strategies.Strategy{}, results.Cell{}); imports != nil || code != "" {
		t.Errorf("code for a strategy without a constructor: %s", code)
	}
}

func TestRecommendFrom(t *testing.T) {
	dir := stored(t, resultstest.Run(resultstest.Config{Producers: []int{4, 64}, Rates: []float64{1e5, 1e6}, Reps: 8}))
	code, stdout, stderr := invoke(t, "recommend", "--from", dir, "--producers", "50", "--rate", "200k", "--consumer-cost", "5us")
	if code != exitNotDecided || strings.Count(stderr, "\n") != 1 {
		t.Fatalf("exit %d, stderr %q", code, stderr)
	}
	golden(t, "recommend-from.txt", stdout)

	code, stdout, _ = invoke(t, "recommend", "--from", dir, "--producers", "4", "--rate", "1M", "--json", "--memory", "1MiB")
	var answer advice
	if err := json.Unmarshal([]byte(stdout), &answer); err != nil || code != exitSuccess {
		t.Fatalf("exit %d, %v", code, err)
	}
	if answer.Pick != "chan" || answer.Workload.Producers != 4 || answer.Workload.Rate != 1e6 || answer.Quantile != 0.99 ||
		len(answer.Candidates) != 1 || len(answer.Excluded) != 3 || answer.Candidates[0].Response == nil ||
		answer.Outcome != outcomeRecommended || answer.Candidates[0].QueueBytes == nil {
		t.Errorf("the answer is %+v", answer)
	}

	code, stdout, stderr = invoke(t, "recommend", "--from", dir, "--order", "global")
	if code != exitFailure || !strings.Contains(stdout, "Nothing meets the guarantees.") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("no strategy keeps that order: exit %d, stderr %q, stdout %s", code, stderr, stdout)
	}
}

// A closed loop is ranked by throughput, and rates of a run that has none do not
// match.
func TestRecommendFromClosedLoop(t *testing.T) {
	dir := stored(t, resultstest.Run(resultstest.Config{Producers: []int{16}, Samples: 200}))
	code, stdout, stderr := invoke(t, "recommend", "--from", dir, "--rate", "200k")
	if code != exitNotDecided || strings.Count(stderr, "\n") != 1 {
		t.Fatalf("exit %d, stderr %q", code, stderr)
	}
	for _, want := range []string{"--rate 200 k msg/s does not match: the run's producers send as fast as it goes", "Use lanes.", "each as fast as it goes"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in:\n%s", want, stdout)
		}
	}
	dir = stored(t, resultstest.Run(resultstest.Config{Producers: []int{16}, Probe: true}))
	if code, _, stderr := invoke(t, "recommend", "--from", dir); code != exitFailure || !strings.Contains(stderr, "no load that could be ranked") {
		t.Errorf("a run of probes: exit %d, stderr %q", code, stderr)
	}
	if code, _, stderr := invoke(t, "recommend", "--from", filepath.Join(dir, "none")); code != exitFailure || strings.Count(stderr, "\n") != 1 {
		t.Errorf("no run: exit %d, stderr %q", code, stderr)
	}
}

func TestRecommendMeasures(t *testing.T) {
	t.Chdir(t.TempDir())
	code, stdout, stderr := invoke(t, "recommend", "--producers", "3", "--strategies", "chan", "--for", "3s", "--order", "global", "--seed", "3")
	if code != exitSuccess || !strings.Contains(stdout, "Use chan.") ||
		!strings.Contains(stdout, "strategies.NewChan[Event](strategies.Options{Capacity: 1024})") {
		t.Fatalf("exit %d, stderr %q, stdout %s", code, stderr, stdout)
	}
	run, err := results.Open(latest())
	if err != nil || len(run.Trials) == 0 || run.Manifest.Scenario != "recommend" || run.Manifest.Seed != 3 {
		t.Errorf("the run: %v", err)
	}
	if code, stdout, stderr := invoke(t, "recommend", "--from", latest(), "--producers", "3"); code != exitSuccess || !strings.Contains(stdout, "Use chan.") {
		t.Errorf("from it: exit %d, stderr %q", code, stderr)
	}
}

func TestRecommendUsage(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--rate fast", `"fast" is not a rate in messages per second, such as 5000, 200k`},
		{"--rate 0", "--rate: 0 is not in 1..1G messages per second"},
		{"--order totl", `--order: unknown order "totl" (one of per-producer, global)`},
		{"--loss som", `--loss: unknown loss "som" (one of none, fail, drop-newest, drop-oldest)`},
		{"--arrival burst", "--arrival: it needs a --rate"},
		{"--rate 1k --arrival closed", "--arrival: unknown arrival"},
		{"--busy -1", "--busy: -1 is not in 0..4096"},
		{"--busy 1 --busy-kind idle", `--busy-kind: unknown kind "idle" (one of spin, alloc)`},
		{"--busy-kind alloc", "--busy-kind: it needs a --busy above 0"},
		{"--rate 1k --send-batch 8", "--send-batch and --rate contradict each other"},
		{"--capacity 1,2", "--capacity: one is compared"},
		{"--memory lots", `"lots" is not a size`},
		{"--producers 0", "--producers: "},
		{"--strategies lnes", `--strategies: unknown strategy "lnes" (did you mean "lanes"?`},
		{"--for 1s", "--for: 1s is too short for 7 repetitions of"},
		{"--for 100h", "--for: 100h0m0s is over 1h0m0s"},
		{"--from x --for 1s", "--from measures nothing: it cannot be combined with --for"},
		{"extra", "takes flags only"},
	} {
		t.Chdir(t.TempDir())
		code, stdout, stderr := invoke(t, append([]string{"recommend"}, strings.Fields(c.args)...)...)
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want %q", c.args, code, stdout, stderr, c.want)
		}
	}
}

func TestRateFlag(t *testing.T) {
	for text, want := range map[string]float64{"200k": 2e5, "1.5M": 1.5e6, "1e4": 1e4, "50000/s": 5e4, "1G": 1e9} {
		var rate float64
		if err := rateFlag(&rate).Set(text); err != nil || rate != want {
			t.Errorf("%s: %v, %v; want %v", text, rate, err, want)
		}
	}
	for _, text := range []string{"", "k", "-1", "NaN", "Inf", "2G", "1ks"} {
		if err := rateFlag(new(float64)).Set(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

// A plan takes about as long as was said, and has enough repetitions to tell.
func TestRecommendPlan(t *testing.T) {
	for _, rate := range []float64{0, 1e5} {
		f := recommendFlags{needs: lossless(), budget: 80 * time.Second}
		f.needs.loss = []string{"drop-newest", "drop-oldest"}
		f.needs.producers, f.needs.payload, f.needs.sendBatch, f.needs.arrival, f.needs.rate = 16, 8, 1, results.ArrivalPoisson, rate
		if err := f.needs.check(); err != nil {
			t.Fatal(err)
		}
		cells, _, err := f.needs.candidates(strategies.All())
		if err != nil {
			t.Fatal(err)
		}
		scenario, plan, err := f.plan(strategies.All(), cells)
		if err != nil || plan.Reps < leastReps || len(plan.Cells) != len(cells) {
			t.Fatalf("rate %v: %v, %d repetitions of %d cells", rate, err, plan.Reps, len(plan.Cells))
		}
		if d := time.Duration(scenario.Duration); d < leastMeasured || time.Duration(len(cells)*plan.Reps)*d > f.budget {
			t.Errorf("rate %v: %v a trial", rate, d)
		}
	}
}
