package cmd

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/results"
)

// runFlags is what the run verb can be told.
type runFlags struct {
	scenario string
	plan     harness.Scenario // the values of flags that override the scenario's fields

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
	flags.StringVar(&f.scenario, "scenario", harness.DefaultScenario, "`name` of a built-in scenario (see list) or a YAML file; flags override it")
	flags.Var(namesFlag(&p.Strategies), "strategies", "`names` or groups, comma separated (default: "+harness.DefaultGroup+"; see list)")
	flags.Var(intsFlag(&p.Producers, "producers"), "producers", "`counts`: 1,4,16 or 1..64 (doubling)")
	flags.Var(sizesFlag(&p.Payload, "payload"), "payload", "`sizes` of a message: 8,1KiB,64k or 64..64KiB (doubling); 8 is the bare word")
	flags.Var(namesFlag(&p.Item), "item",
		"`how` a payload is carried: pointer (the item points to it) or value (the item holds it: 64, 1024, 16384 or 65536 bytes)")
	flags.Var(namesFlag(&p.Allocation), "allocation",
		"`where` a payload comes from that is pointed to: slab (many are cut from 64 KiB) or fresh (each is allocated)")
	flags.Var(capacitiesFlag(&p.Capacity), "capacity", "`items` that bounded strategies hold (0: their default); 1024/producer or 1024/total says of whom")
	flags.Var(namesFlag(&p.Policy), "policy", "`names` of what to do when a bounded strategy is full: "+strings.Join(harness.Policies(), ", "))
	flags.Var(intsFlag(&p.Lanes, "lanes"), "lanes", "`counts` of lanes that the producers share (0: one each)")
	flags.Var(intsFlag(&p.SendBatch, "send-batch"), "send-batch", "`items` per send")
	flags.Var(intsFlag(&p.RecvBatch, "recv-batch"), "recv-batch", "`items` per receive, at most")
	flags.Var(durationsFlag(&p.BatchDeadline, "batch-deadline"), "batch-deadline",
		"`times` that a receive collects from its first item on, up to --recv-batch (0: not at all)")
	flags.Var(intsFlag(&p.GOMAXPROCS, "gomaxprocs"), "gomaxprocs", "`threads` that run Go code (0: all cores)")
}

// registerLoad declares when it is sent, and by whom.
func (f *runFlags) registerLoad(flags *pflag.FlagSet) {
	p := &f.plan
	flags.Var(namesFlag(&p.Arrival), "arrival", "`kinds`: closed (as fast as it goes), constant, poisson, burst")
	flags.Var(ratesFlag(&p.Rate), "rate", "messages per second of all producers together, of open loops: `rates` such as 200k or 10k..1M (doubling)")
	flags.Var(floatsFlag(&p.Load), "load", "`shares` of the saturation rate, which is searched for first")
	flags.Float64Var(&p.Overload, "overload", 0, "offer so many `times` as much in the middle fifth of a trial")
	flags.Var(floatsFlag(&p.HotShare), "hot-share", "`shares` of all messages that one producer sends; the others share the rest")
	flags.Var(floatsFlag(&p.Zipf), "zipf", "`exponents`: the n-th producer sends 1/n^exponent of what the first does")
	flags.Var(durationFlag(&p.BurstPeriod, "burst-period"), "burst-period", "time between two bursts of arrival burst (0: 100ms)")
	flags.Var(pauseFlag(&p.Pause), "pause", "`FOR/MESSAGES`, as in 1ms/1000: producers of closed loops sleep so long after so many")
}

// registerConsumer declares what becomes of it.
func (f *runFlags) registerConsumer(flags *pflag.FlagSet) {
	p := &f.plan
	flags.Var(durationFlag(&p.ConsumerCost, "consumer-cost"), "consumer-cost", "what the consumer takes per message")
	flags.Var(durationFlag(&p.BatchCost, "batch-cost"), "batch-cost", "what the consumer takes per receive, on top of that")
	flags.StringVar(&p.CostKind, "cost-kind", results.CostSpin, "what it does meanwhile: `kind` spin (it computes) or sleep (it waits for I/O)")
	flags.Var(durationsFlag(&p.Stages, "stages"), "stages",
		"`times` that the stages of a pipeline of fan-ins take per message, as in 10ms,50ms,20ms; the last is the consumer")
	flags.Var(namesFlag(&p.Sink), "sink",
		"`where` the consumer writes: discard (nowhere), tcp, unix (to a server that checks every byte), file (synced per receive)")
	flags.Var(namesFlag(&p.SinkWrite), "sink-write", "`how` much it writes at a time: message or batch (all that a receive returned)")
	flags.Var(namesFlag(&p.SinkFrame), "sink-frame", "`what` it writes of a message: item (all of it) or byte (its sequence number modulo 255)")
	flags.Var(stallFlag(&p.Stall), "stall", "`FOR/EVERY`, as in 50ms/500ms: the consumer sleeps so long, so often")
}

// registerRun declares how long all that goes on, and where.
func (f *runFlags) registerRun(flags *pflag.FlagSet) {
	p := &f.plan
	flags.Var(intsFlag(&p.Busy, "busy"), "busy", "`counts` of neighbours: goroutines that compute in a trial's process beside the fan-in (0: none)")
	flags.Var(namesFlag(&p.BusyKind), "busy-kind",
		"`kinds` of neighbours: spin (they compute) or alloc (they also allocate, which brings the collector)")
	flags.BoolVar(&p.Probe, "probe", false, "also measure each strategy at rest: wake-up, idle CPU, memory kept")
	flags.Var(durationFlag(&p.Duration, "duration"), "duration", "how long a trial's measured part lasts, about")
	flags.Var(countFlag(&p.Messages, harness.LimitOf("messages")), "messages", "messages in a trial's measured part, instead of --duration")
	flags.Var(countFlag(&p.Reps, harness.LimitOf("reps")), "reps", "trials per cell; below 6 there is no interval")
	registerSeed(flags, &f.seed, "seed of the order of trials (default: random, printed)")
	flags.StringVar(&f.shard, "shard", "", "run only that `part` of the plan, as in 2/5: the others go to other machines, and merge joins them; needs --seed")
	flags.StringVarP(&f.out, "out", "o", "", "run `directory` (default: out/<time>)")
	flags.BoolVar(&f.resume, "resume", false, "finish the run in --out (default: "+latest()+")")
	flags.BoolVar(&f.retry, "retry-failed", false, "--resume that measures failed trials again, too; their failures stay on record")
	flags.BoolVar(&f.force, "force-resume", false, "--resume with another build or under other conditions: every trial measured so says it")
	flags.StringVar(&f.label, "label", "", "`text` that history and compare show beside the run")
	flags.BoolVar(&f.dryRun, "dry-run", false, "print what the run would do, with a command for each trial, and do none of it")
	f.volume.register(flags)
	flags.BoolVar(&f.quick, "quick", false, "fewer producers and repetitions: ends within a minute")
	flags.StringVar(&f.against, "against", "", "measure each trial in turns with another build of this program at `PATH`, whose run goes to OUT"+baseSuffix)
	registerPrograms(flags, &f.programs)
	flags.BoolVar(&f.json, "json", false, "print summary.json instead of tables")
	flags.StringVar(&f.isolation, "isolation", harness.IsolationProcess,
		"`where` a trial runs: process, a child of its own, or none, this process, for debuggers and profilers")
	p.Timeout = harness.Duration(harness.DefaultTimeout) // what --help shows
	flags.Var(durationFlag(&p.Timeout, "timeout"), "timeout", "give a trial up after this long")
	flags.Var(sizeFlag(&p.MemoryLimit), "memory-limit",
		"give a trial up at this `size`; 0 is no limit (default 4 GiB, or what the machine and its cgroup have room for)")
	flags.Var(namesOrNoneFlag(&p.Expect), "expect",
		"`failures` that the run is to show, so that it does not fail for them: memory, timeout, killed; \"\" is none")
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
	if err := cmp.Or(notEmpty(c, "out", "against", "shard", "scenario", "cost-kind"), f.checkNames(changed)); err != nil {
		return err
	}
	if f.resume = f.resume || f.retry || f.force; f.resume {
		if others := planFlags(c.Flags()); len(others) > 0 {
			return usageErrorf("--resume finishes a run as it was begun: it cannot be combined with %s", strings.Join(others, ", "))
		}
	}
	for _, pair := range [][2]string{{"messages", "duration"}, {"quick", "reps"}, {"quick", "duration"}, {"quick", "messages"}} {
		if changed(pair[0]) && changed(pair[1]) {
			return usageErrorf("--%s and --%s contradict each other: give one of them", pair[0], pair[1])
		}
	}
	if changed("shard") && !changed("seed") {
		return usageErrorf("--shard needs --seed: the shards of a plan share it")
	}
	if changed("duration") && f.plan.Duration <= 0 {
		return usageErrorf("--duration: %v is not above 0", time.Duration(f.plan.Duration))
	}
	if changed("messages") && f.plan.Messages <= 0 {
		return usageErrorf("--messages: %d is not above 0", f.plan.Messages)
	}
	if changed("timeout") && f.plan.Timeout <= 0 {
		return usageErrorf("--timeout: %v is not above 0", time.Duration(f.plan.Timeout))
	}
	if f.isolation != harness.IsolationProcess && f.isolation != harness.IsolationNone {
		return usageErrorf("--isolation: unknown isolation %q (one of %s, %s)", f.isolation, harness.IsolationProcess, harness.IsolationNone)
	}
	if f.against != "" && f.isolation != harness.IsolationProcess {
		return usageErrorf("--against and --isolation %s contradict each other: another program cannot run in this process", f.isolation)
	}
	if !changed("seed") {
		f.seed = harness.NewSeed()
	}
	return nil
}

// checkNames finds what is wrong with what the run is called and what it says.
func (f *runFlags) checkNames(changed func(string) bool) error {
	if changed("label") {
		if err := results.CheckLabel(f.label); err != nil {
			return usageErrorf("--label: %w", err)
		}
	}
	return cmp.Or(checkOutDirectory(f.out), f.volume.check())
}

// resolve loads the scenario and lays the flags that were given over it.
func (f *runFlags) resolve(changed func(string) bool) (harness.Scenario, error) {
	s, err := harness.LoadScenario(f.scenario)
	if err != nil {
		return s, usageErrorf("--scenario: %w", err)
	}
	s.Override(f.plan, changed)
	return s, nil
}

// checkOffer refuses flags of open loops for a scenario that has none, where they
// would change nothing.
func checkOffer(s harness.Scenario, changed func(string) bool) error {
	for _, name := range []string{"rate", "load", "overload"} {
		if changed(name) && !s.Opens() {
			return usageErrorf("--%s is of open loops, and all arrivals are %s: give --arrival constant, poisson or burst", name, results.ArrivalClosed)
		}
	}
	return nil
}
