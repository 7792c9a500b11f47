package cmd

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/cmd/internal/flagvalue"
	"github.com/fanin-bench/fanin-bench/cmd/internal/output"
	"github.com/fanin-bench/fanin-bench/cmd/internal/rundir"
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
	volume    output.Volume
	isolation string
	against   string
	programs  []string
}

// register declares the flags. Those that override a value of the scenario have its name
// there; those of parameters are in the table of parameters.
func (f *runFlags) register(flags *pflag.FlagSet) {
	p := &f.plan
	flags.StringVar(&f.scenario, "scenario", scenario.Default,
		"`name` of a built-in scenario (see list), or path of a YAML file; flags override its values, those of parameters alone those of "+scenario.Plain)
	flags.Var(flagvalue.Names(&p.Strategies), "strategies",
		"`names` of strategies or groups, comma separated; -name leaves one out (default: "+pick.DefaultGroup+"; see list)")
	for _, parameter := range scenario.Parameters() {
		flags.Var(flagvalue.Parameter(parameter, &p.Values), parameter.Name, parameter.Usage)
	}
	flags.BoolVar(&p.Probe, "probe", false, "also measure each strategy at rest: wake-up time, idle CPU, memory kept")
	flags.Var(flagvalue.Duration(&p.Duration, "duration"), "duration", "approximate `duration` of a trial's measured part")
	flags.Var(flagvalue.Count(&p.Messages, scenario.LimitOf("messages")), "messages", "`count` of messages in a trial's measured part, instead of --duration")
	flags.Var(flagvalue.Count(&p.Reps, scenario.LimitOf("reps")), "reps", "`count` of trials per cell; fewer than 6 give no interval")
	f.registerRun(flags)
}

// registerRun declares what becomes of the run.
func (f *runFlags) registerRun(flags *pflag.FlagSet) {
	p := &f.plan
	flags.Var(flagvalue.Seed(&f.seed), "seed", "`seed` of the order of trials (default: random, printed)")
	flags.StringVar(&f.shard, "shard", "", "run only this `part` of the plan, as in 2/5: other machines run the others, and merge joins them; needs --seed")
	flags.StringVarP(&f.out, "out", "o", "", "`directory` of the run (default: out/<time>)")
	flags.BoolVar(&f.resume, "resume", false, "finish the run in --out (default: "+rundir.Latest()+")")
	flags.BoolVar(&f.retry, "retry-failed", false, "resume, and measure failed trials again; their failures stay on record")
	flags.BoolVar(&f.force, "force-resume", false, "resume with another build or under other conditions; each new trial records the difference")
	flags.StringVar(&f.label, "label", "", "`text` that history and compare show beside the run")
	flags.BoolVar(&f.dryRun, "dry-run", false, "print the plan, with a command for each trial, and run nothing")
	f.volume.Register(flags)
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
	return cmp.Or(output.CheckDirectory(f.out), f.volume.Check())
}

// resolve loads the scenario and lays the flags that were given over it.
func (f *runFlags) resolve(changed func(string) bool) (scenario.Scenario, error) {
	name := f.scenario
	if !changed("scenario") {
		name = scenario.Unnamed(changed)
	}
	s, err := scenario.Load(name)
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
