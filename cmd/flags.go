package cmd

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/cmd/internal/flagvalue"
	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
)

// runFlags is what the run verb can be told.
type runFlags struct {
	scenario string
	plan     scenario.Scenario // the values of flags that override the scenario's fields

	seed      uint64
	out       string
	label     string
	shard     string
	resume    bool
	retry     bool // measure failed trials again, too
	force     bool // resume under other conditions, too
	quick     bool
	json      bool
	dryRun    bool
	volume    volume
	isolation string
	against   string
	programs  []string
}

// register declares the flags. Those that override a field of the scenario have
// the field's name in YAML.
func (f *runFlags) register(flags *pflag.FlagSet) {
	f.registerItems(flags)
	f.registerLoad(flags)
	f.registerConsumer(flags)
	f.registerRun(flags)
}

// registerItems declares what is sent, and through what.
func (f *runFlags) registerItems(flags *pflag.FlagSet) {
	p := &f.plan
	flags.StringVar(&f.scenario, "scenario", scenario.Default,
		"`name` of a built-in scenario (see list), or path of a YAML file; flags override its values")
	flags.Var(flagvalue.Names(&p.Strategies), "strategies", "`names` of strategies or groups, comma separated (default: "+pick.DefaultGroup+"; see list)")
	flags.Var(flagvalue.Ints(&p.Producers, "producers"), "producers", "`counts` of producers: 1,4,16 or 1..64 (doubling)")
	flags.Var(flagvalue.Sizes(&p.Payload, "payload"), "payload",
		"`sizes` of a message in bytes: 8,1KiB,64k or 64..64KiB (doubling); 8 is a word without a payload")
	flags.Var(flagvalue.Names(&p.Item), "item",
		"`pointer|value`: an item points to its payload, or holds it (64, 1024, 16384 or 65536 bytes)")
	flags.Var(flagvalue.Names(&p.Allocation), "allocation",
		"`slab|fresh`: payloads behind a pointer are cut from slabs of 64 KiB, or allocated one by one")
	flags.Var(flagvalue.Capacities(&p.Capacity), "capacity",
		"`capacities` of bounded strategies in items (0: their default); 1024/producer is for each producer, 1024/total for all together")
	flags.Var(flagvalue.Names(&p.Policy), "policy", "overflow `policies` of bounded strategies: "+strings.Join(scenario.Policies(), ", "))
	flags.Var(flagvalue.Ints(&p.Lanes, "lanes"), "lanes", "`counts` of lanes that the producers share (0: one lane per producer)")
	flags.Var(flagvalue.Ints(&p.SendBatch, "send-batch"), "send-batch", "`counts` of items per send")
	flags.Var(flagvalue.Ints(&p.RecvBatch, "recv-batch"), "recv-batch", "largest `counts` of items per receive")
	flags.Var(flagvalue.Durations(&p.BatchDeadline, "batch-deadline"), "batch-deadline",
		"`durations` for which a receive collects items, from the first one up to --recv-batch (0: it does not wait for more)")
	flags.Var(flagvalue.Ints(&p.GOMAXPROCS, "gomaxprocs"), "gomaxprocs", "`counts` of threads that run Go code (0: one per core)")
}

// registerLoad declares when it is sent, and by whom.
func (f *runFlags) registerLoad(flags *pflag.FlagSet) {
	p := &f.plan
	flags.Var(flagvalue.Names(&p.Arrival), "arrival", "`kinds` of arrival: closed (as fast as possible), constant, poisson, burst")
	flags.Var(flagvalue.Rates(&p.Rate), "rate", "`rates` of open loops in messages per second of all producers together: 200k or 10k..1M (doubling)")
	flags.Var(flagvalue.Floats(&p.Load), "load", "`shares` of the saturation rate to offer; a search finds that rate first")
	flags.Float64Var(&p.Overload, "overload", 0, "multiply the rate by this `factor` in the middle fifth of a trial")
	flags.Var(flagvalue.Floats(&p.HotShare), "hot-share", "`shares` of all messages that one producer sends; the other producers divide the rest equally")
	flags.Var(flagvalue.Floats(&p.Zipf), "zipf", "`exponents` of a Zipf distribution: producer n sends 1/n^exponent of the messages of producer 1")
	flags.Var(flagvalue.Duration(&p.BurstPeriod, "burst-period"), "burst-period", "`duration` between two bursts of arrival burst (0: 100ms)")
	flags.Var(flagvalue.Pause(&p.Pause), "pause", "`duration/count`, as in 1ms/1000: a producer of a closed loop sleeps 1ms after every 1000 messages")
}

// registerConsumer declares what becomes of it.
func (f *runFlags) registerConsumer(flags *pflag.FlagSet) {
	p := &f.plan
	flags.Var(flagvalue.Duration(&p.ConsumerCost, "consumer-cost"), "consumer-cost", "`duration` that the consumer spends on each message")
	flags.Var(flagvalue.Duration(&p.BatchCost, "batch-cost"), "batch-cost", "`duration` that the consumer spends on each receive, in addition")
	flags.StringVar(&p.CostKind, "cost-kind", results.CostSpin,
		"`spin|sleep`: the consumer computes for --consumer-cost and --batch-cost, or sleeps as it would for I/O")
	flags.Var(flagvalue.Durations(&p.Stages, "stages"), "stages",
		"`durations` that the stages of a pipeline of fan-ins spend on each message, as in 10ms,50ms,20ms; the last stage is the consumer")
	flags.Var(flagvalue.Names(&p.Sink), "sink",
		"`kinds` of sink that the consumer writes to: discard, tcp or unix (a server checks every byte), file (synced after each receive)")
	flags.Var(flagvalue.Names(&p.SinkWrite), "sink-write", "`message|batch`: the consumer writes one message at a time, or all messages of a receive")
	flags.Var(flagvalue.Names(&p.SinkFrame), "sink-frame", "`item|byte`: the consumer writes whole messages, or one byte of each (the sequence number modulo 255)")
	flags.Var(flagvalue.Stall(&p.Stall), "stall", "`duration/period`, as in 50ms/500ms: the consumer sleeps 50ms in every 500ms")
}

// registerRun declares how long all that goes on, and where.
func (f *runFlags) registerRun(flags *pflag.FlagSet) {
	p := &f.plan
	flags.Var(flagvalue.Ints(&p.Busy, "busy"), "busy", "`counts` of neighbours: goroutines that compute in a trial's process beside the fan-in (0: none)")
	flags.Var(flagvalue.Names(&p.BusyKind), "busy-kind",
		"`spin|alloc`: neighbours compute, or also allocate, which starts the garbage collector")
	flags.BoolVar(&p.Probe, "probe", false, "also measure each strategy at rest: wake-up time, idle CPU, memory kept")
	flags.Var(flagvalue.Duration(&p.Duration, "duration"), "duration", "approximate `duration` of a trial's measured part")
	flags.Var(flagvalue.Count(&p.Messages, scenario.LimitOf("messages")), "messages", "`count` of messages in a trial's measured part, instead of --duration")
	flags.Var(flagvalue.Count(&p.Reps, scenario.LimitOf("reps")), "reps", "`count` of trials per cell; fewer than 6 give no interval")
	flags.Var(flagvalue.Seed(&f.seed), "seed", "`seed` of the order of trials (default: random, printed)")
	flags.StringVar(&f.shard, "shard", "", "run only this `part` of the plan, as in 2/5: other machines run the others, and merge joins them; needs --seed")
	flags.StringVarP(&f.out, "out", "o", "", "`directory` of the run (default: out/<time>)")
	flags.BoolVar(&f.resume, "resume", false, "finish the run in --out (default: "+latest()+")")
	flags.BoolVar(&f.retry, "retry-failed", false, "resume, and measure failed trials again; their failures stay on record")
	flags.BoolVar(&f.force, "force-resume", false, "resume with another build or under other conditions; each new trial records the difference")
	flags.StringVar(&f.label, "label", "", "`text` that history and compare show beside the run")
	flags.BoolVar(&f.dryRun, "dry-run", false, "print the plan, with a command for each trial, and run nothing")
	f.volume.register(flags)
	flags.BoolVar(&f.quick, "quick", false, "run fewer producers and repetitions, within a minute")
	flags.StringVar(&f.against, "against", "", "`path` of another build of this program, to measure in turns with this one; its run goes to OUT"+baseSuffix)
	registerPrograms(flags, &f.programs)
	flags.BoolVar(&f.json, "json", false, "print summary.json instead of tables")
	flags.StringVar(&f.isolation, "isolation", harness.IsolationProcess,
		"`process|none`: each trial runs in a child process, or in this process for debuggers and profilers")
	p.Timeout = scenario.Duration(trial.DefaultTimeout) // what --help shows
	flags.Var(flagvalue.Duration(&p.Timeout, "timeout"), "timeout", "abandon a trial after this `duration`")
	flags.Var(flagvalue.Size(&p.MemoryLimit), "memory-limit",
		"abandon a trial at this `size` of its memory; 0: no limit (default: 4 GiB, or the memory that machine and cgroup allow)")
	flags.Var(flagvalue.NamesOrNone(&p.Expect), "expect",
		"`kinds` of failure that are expected: memory, timeout, killed; \"\": none")
}

// planFlags are the flags whose value a resumed run takes from its manifest. A
// program is not among them: a directory shall not have one executed that nobody named.
func planFlags(flags *pflag.FlagSet) (changed []string) {
	flags.Visit(func(flag *pflag.Flag) {
		if !slices.Contains([]string{"out", "resume", "retry-failed", "force-resume", "program", "json", "quiet", "verbose", "help"}, flag.Name) {
			changed = append(changed, "--"+flag.Name)
		}
	})
	return changed
}

// check finds values that are wrong by themselves and flags that contradict each
// other. changed reports whether a flag was given.
func (f *runFlags) check(c *cobra.Command) error {
	changed := c.Flags().Changed
	if err := cmp.Or(usage.NotEmpty(c, "out", "against", "shard", "scenario", "cost-kind"), f.checkNames(changed)); err != nil {
		return err
	}
	if f.resume = f.resume || f.retry || f.force; f.resume {
		if others := planFlags(c.Flags()); len(others) > 0 {
			return usage.Errorf("--resume finishes a run with its own settings: it cannot be combined with %s", strings.Join(others, ", "))
		}
	}
	for _, pair := range [][2]string{{"messages", "duration"}, {"quick", "reps"}, {"quick", "duration"}, {"quick", "messages"}} {
		if changed(pair[0]) && changed(pair[1]) {
			return usage.Errorf("--%s and --%s contradict each other: give one of them", pair[0], pair[1])
		}
	}
	if changed("shard") && !changed("seed") {
		return usage.Errorf("--shard needs --seed: the shards of a plan share it")
	}
	if changed("duration") && f.plan.Duration <= 0 {
		return usage.Errorf("--duration: %v is not above 0", time.Duration(f.plan.Duration))
	}
	if changed("messages") && f.plan.Messages <= 0 {
		return usage.Errorf("--messages: %d is not above 0", f.plan.Messages)
	}
	if changed("timeout") && f.plan.Timeout <= 0 {
		return usage.Errorf("--timeout: %v is not above 0", time.Duration(f.plan.Timeout))
	}
	if f.isolation != harness.IsolationProcess && f.isolation != harness.IsolationNone {
		return usage.Errorf("--isolation: unknown isolation %q (one of %s, %s)", f.isolation, harness.IsolationProcess, harness.IsolationNone)
	}
	if f.against != "" && f.isolation != harness.IsolationProcess {
		return usage.Errorf("--against and --isolation %s contradict each other: another program cannot run in this process", f.isolation)
	}
	if !changed("seed") {
		f.seed = scenario.NewSeed()
	}
	return nil
}

// checkNames finds what is wrong with what the run is called and what it says.
func (f *runFlags) checkNames(changed func(string) bool) error {
	if changed("label") {
		if err := results.CheckLabel(f.label); err != nil {
			return usage.Errorf("--label: %w", err)
		}
	}
	return cmp.Or(checkOutDirectory(f.out), f.volume.check())
}

// resolve loads the scenario and lays the flags that were given over it.
func (f *runFlags) resolve(changed func(string) bool) (scenario.Scenario, error) {
	s, err := scenario.Load(f.scenario)
	if err != nil {
		return s, usage.Errorf("--scenario: %w", err)
	}
	s.Override(f.plan, changed)
	return s, nil
}

// checkOffer refuses flags of open loops for a scenario that has none, where they
// would change nothing.
func checkOffer(s scenario.Scenario, changed func(string) bool) error {
	for _, name := range []string{"rate", "load", "overload"} {
		if changed(name) && !s.Opens() {
			return usage.Errorf("--%s applies to open loops, and every arrival is %s: give --arrival constant, poisson or burst", name, results.ArrivalClosed)
		}
	}
	return nil
}
