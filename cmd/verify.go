package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fanin-bench/fanin-bench/cmd/internal/account"
	"github.com/fanin-bench/fanin-bench/cmd/internal/flagvalue"
	"github.com/fanin-bench/fanin-bench/cmd/internal/output"
	"github.com/fanin-bench/fanin-bench/cmd/internal/terminal"
	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results/units"
	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
)

// verifyFlags are the flags of the verb.
type verifyFlags struct {
	names   scenario.Strings
	torture time.Duration
	items   uint64
	seed    uint64
	replay  string
}

func (a *app) verifyCommand() *cobra.Command {
	flags := &verifyFlags{}
	command := &cobra.Command{
		Use:   "verify",
		Short: "look for broken promises: the conformance kit, then torture at full speed",
		Long: "verify tests every promise that a strategy makes (see the documentation of package strategies). Then\n" +
			"it sends a random mix of operations through the strategy at full speed and checks every delivery. The\n" +
			"summary lists checked and unchecked promises and names the promise that broke first; verify exits 1\n" +
			"if a promise broke. A check that hangs is the last check of its strategy. Strategies of other\n" +
			"programs (run --program) cannot be verified, because verify calls the strategy in this process;\n" +
			"every trial checks their deliveries.\n\n" +
			"For the first promise that broke, verify looks for a short schedule: a text of operations, one a\n" +
			"line, by producers (p0, p1) and the consumer (c), that breaks a promise again. --replay runs such a\n" +
			"text. It exits 1 if the schedule fails again, 0 if it does not, and 2 if the text has an error.\n" +
			"The format is described in the documentation of package strategies/conformance/schedule.",
		Example: "  fanin-bench verify\n" +
			"  fanin-bench verify --strategies lanes,mutex-swap --for 5m\n" +
			"  fanin-bench verify --items 1G    checks a billion deliveries\n" +
			"  fanin-bench verify --replay schedule.txt",
		Args: usage.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("replay") {
				return a.replay(c, flags.replay)
			}
			v, err := a.verification(c, flags)
			if err != nil {
				return err
			}
			a.inOrder("")
			return v.run(c.Context())
		},
	}
	f := command.Flags()
	f.Var(flagvalue.Names(&flags.names), "strategies", "`names` of strategies or groups, comma separated (default: "+pick.DefaultGroup+"; see list)")
	flags.torture = 30 * time.Second
	f.Var(flagvalue.Time(&flags.torture, units.TimeLimit(maxTorture)), "for", "`duration` of the torture, divided among the strategies; 0: none")
	f.Var(flagvalue.Items(&flags.items), "items", "`count` of deliveries that torture checks, of all strategies together, instead of --for: 200k, 1G")
	f.Var(flagvalue.Seed(&flags.seed), "seed", "`seed` of all random choices (default: random, printed)")
	f.StringVar(&flags.replay, "replay", "", "`file` with a schedule to run again instead of all else; -: standard input")
	return command
}

// verification is one execution of the verb.
type verification struct {
	*app
	stdout   *output.Noting
	chosen   []strategies.Strategy
	torture  time.Duration // of all strategies together; 0 for none, or if there are items
	items    uint64        // to be checked by torture
	seed     uint64
	accounts []*account.Account
	meter    *terminal.Meter
}

func (a *app) verification(c *cobra.Command, flags *verifyFlags) (*verification, error) {
	v := &verification{app: a, stdout: &output.Noting{To: a.stdout}, torture: flags.torture, seed: flags.seed}
	var err error
	switch changed := c.Flags().Changed; {
	case changed("items") && changed("for"):
		return nil, usage.Errorf("--items and --for: give one of them")
	case changed("items"):
		v.items, v.torture = flags.items, 0
	}
	if !c.Flags().Changed("seed") {
		v.seed = scenario.NewSeed()
	}
	v.chosen, err = a.verifiable(flags.names)
	if err == nil && v.items > 0 && !slices.ContainsFunc(v.chosen, countable) {
		err = usage.Errorf("--items: none of the strategies promises %s: torture has no deliveries to count", strategies.PromiseExactlyOnce)
	}
	return v, err
}

// maxTorture is longer than anybody waits.
const maxTorture = 30 * 24 * time.Hour

// countable reports whether torture has something to count with a strategy.
func countable(s strategies.Strategy) bool { return s.Keeps(strategies.PromiseExactlyOnce) }

// verifiable returns the strategies named, without the floor, which carries no
// items; naming it is an error.
func (a *app) verifiable(names []string) ([]strategies.Strategy, error) {
	chosen, err := pick.Select(names, a.known)
	if err != nil {
		return nil, usage.Errorf("--strategies: %w", err)
	}
	return slices.DeleteFunc(chosen, func(s strategies.Strategy) bool {
		if s.Floor && slices.Contains(names, s.Name) {
			err = usage.Errorf("--strategies: %q carries no items and has nothing to verify", s.Name)
		}
		return s.Floor
	}), err
}

// run runs the kit and the torture on each strategy and says what came of it.
func (v *verification) run(ctx context.Context) error {
	fmt.Fprintf(v.stdout, "seed %d\n", v.seed)
	v.meter = terminal.NewMeter(v.stderr, v.items)
	for i, s := range v.chosen {
		fmt.Fprintf(v.stdout, "\n%s\n", s.Name)
		tally := account.New(s.Descriptor)
		v.accounts = append(v.accounts, tally)
		v.check(ctx, s, tally)
		if ctx.Err() == nil {
			v.tortureOne(ctx, s, tally, v.chosen[i:])
		}
		tally.Write(v.stdout)
		if ctx.Err() != nil {
			break
		}
	}
	fmt.Fprintln(v.stdout)
	broken := account.WriteAll(v.stdout, v.accounts)
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted while verifying %s", v.chosen[len(v.accounts)-1].Name)
	}
	if broken > 0 {
		return fmt.Errorf("%d broken promises (seed %d)", broken, v.seed)
	}
	fmt.Fprintln(v.stdout, "every checked promise was kept")
	return v.stdout.Failed()
}

// check runs the kit on a strategy.
func (v *verification) check(ctx context.Context, s strategies.Strategy, tally *account.Account) {
	found := conformance.Check(ctx, s, conformance.Options{Seed: v.seed, Schedule: conformance.DefaultSchedule, Progress: func(e conformance.Event) {
		tally.Note(e)
		switch e.State {
		case conformance.Started:
		case conformance.Passed:
			fmt.Fprintf(v.stdout, "  ok      %-28s %-14s %v\n", e.Check, e.Promise, e.Took.Round(time.Millisecond))
		default:
			fmt.Fprintf(v.stdout, "  %-7s %-28s %-14s %s\n", e.State, e.Check, e.Promise, e.Detail)
		}
	}})
	tally.Finding(found...)
	v.schedules(found)
}

// schedules prints the schedules of findings.
func (v *verification) schedules(found []conformance.Finding) {
	for _, f := range found {
		if f.Schedule != "" {
			fmt.Fprintf(v.stdout, "  schedule, to be run again with verify --replay:\n\n%s\n", strings.TrimSpace(f.Schedule))
		}
	}
}

// tortureOne tortures the first of the strategies that are left, for its share of
// the time, or of the items that are left.
func (v *verification) tortureOne(ctx context.Context, s strategies.Strategy, tally *account.Account, left []strategies.Strategy) {
	switch {
	case v.torture == 0 && v.items == 0:
		return
	case !countable(s):
		fmt.Fprintf(v.stdout, "  torture: none, because the strategy does not promise %s\n", strategies.PromiseExactlyOnce)
		return
	}
	options := conformance.TortureOptions{Seed: v.seed, Schedule: conformance.DefaultSchedule, Progress: v.meter.Show}
	if v.items > 0 {
		options.Items = v.share(left)
	} else {
		options.For = max(1, v.torture/time.Duration(len(v.chosen))) // 0 would be the default
	}
	v.meter.Begin(s.Name)
	stats, found := conformance.Torture(ctx, s, options)
	v.meter.End(stats)
	tally.Tortured(stats, found)
	for _, f := range found {
		fmt.Fprintf(v.stdout, "  broken  %-28s %-14s %s\n", f.Check, f.Promise, f.Detail)
	}
	v.schedules(found)
	fmt.Fprintf(v.stdout, "  torture: %d rounds, %s items delivered, %s dropped, %s rejected, in %v\n", stats.Rounds,
		units.Thousands(stats.Delivered), units.Thousands(stats.Dropped), units.Thousands(stats.Rejected), stats.Elapsed.Round(time.Second/10))
}

// share returns how many items the first of the strategies that are left is to
// check.
func (v *verification) share(left []strategies.Strategy) uint64 {
	sharing := uint64(0)
	for _, s := range left {
		if countable(s) {
			sharing++
		}
	}
	rest := v.items - min(v.items, v.meter.Checked())
	return max(1, (rest+sharing-1)/sharing)
}
