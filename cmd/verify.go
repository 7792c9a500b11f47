package cmd

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
)

// verifyFlags are the flags of the verb.
type verifyFlags struct {
	names   harness.Strings
	torture time.Duration
	items   string
	seed    uint64
}

func (a *app) verifyCommand() *cobra.Command {
	flags := &verifyFlags{}
	command := &cobra.Command{
		Use:   "verify",
		Short: "look for broken promises: the conformance kit, then torture at full speed",
		Long: "verify tries every promise that a strategy makes (see the documentation of package\n" +
			"strategies), then sends a random mix of everything through it at full speed for a while,\n" +
			"checking every delivery. It ends with what was checked and what was not, names the promise\n" +
			"that broke first, and exits 1 if one was broken. After a check that hangs no other is\n" +
			"made of that strategy. Both call the strategy, so those of other programs (run --program)\n" +
			"cannot be verified: their deliveries are checked in every trial.",
		Example: "  fanin-bench verify\n" +
			"  fanin-bench verify --strategies lanes,mutex-swap --for 5m\n" +
			"  fanin-bench verify --items 1G    until a billion deliveries have been checked",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			v, err := a.verification(c, flags)
			if err != nil {
				return err
			}
			a.inOrder("")
			return v.run(c.Context())
		},
	}
	f := command.Flags()
	f.Var(namesFlag(&flags.names), "strategies", "`names` or groups, comma separated (default: "+harness.DefaultGroup+"; see list)")
	flags.torture = 30 * time.Second
	f.Var(timeFlag(&flags.torture, harness.TimeLimit(maxTorture)), "for", "how `long` to torture, shared by the strategies; 0 leaves it out")
	f.StringVar(&flags.items, "items", "", "torture until this `many` deliveries were checked, of all strategies together, instead of --for: 200k, 1G")
	registerSeed(f, &flags.seed, "`seed` of what is random (default: random, printed)")
	return command
}

// verification is one execution of the verb.
type verification struct {
	*app
	chosen   []strategies.Strategy
	torture  time.Duration // of all strategies together; 0 for none, or if there are items
	items    uint64        // to be checked by torture
	seed     uint64
	accounts []*account
	meter    *meter
}

func (a *app) verification(c *cobra.Command, flags *verifyFlags) (*verification, error) {
	v := &verification{app: a, torture: flags.torture, seed: flags.seed}
	var err error
	switch changed := c.Flags().Changed; {
	case changed("items") && changed("for"):
		return nil, usageErrorf("--items and --for: give one of them")
	case changed("items"):
		if v.items, err = parseItems(flags.items); err != nil {
			return nil, err
		}
		v.torture = 0
	}
	if !c.Flags().Changed("seed") {
		v.seed = harness.NewSeed()
	}
	v.chosen, err = a.verifiable(flags.names)
	if err == nil && v.items > 0 && !slices.ContainsFunc(v.chosen, countable) {
		err = usageErrorf("--items: none of the strategies promises %s: there are no deliveries to count", strategies.PromiseExactlyOnce)
	}
	return v, err
}

// maxTorture is longer than anybody waits.
const maxTorture = 30 * 24 * time.Hour

// mostItems is more than can be checked in a year.
const mostItems = 1e15

// parseItems reads a whole number, as 1000000, 1e6 or 1M.
func parseItems(text string) (uint64, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		var unit string
		if n, unit, err = humanize.ParseSI(text); err == nil && unit != "" {
			err = fmt.Errorf("unit %q", unit)
		}
	}
	if err != nil || !(n >= 1 && n <= mostItems) || n != float64(uint64(n)) {
		return 0, usageErrorf("--items: %q is not a whole number from 1 to 1P, such as 200k or 1G", text)
	}
	return uint64(n), nil
}

// countable reports whether torture has something to count with a strategy.
func countable(s strategies.Strategy) bool { return s.Keeps(strategies.PromiseExactlyOnce) }

// verifiable returns the strategies named, without the floor, which carries no
// items; naming it is an error.
func (a *app) verifiable(names []string) ([]strategies.Strategy, error) {
	chosen, err := harness.Select(names, a.known)
	if err != nil {
		return nil, usageErrorf("--strategies: %w", err)
	}
	return slices.DeleteFunc(chosen, func(s strategies.Strategy) bool {
		if s.Floor && slices.Contains(names, s.Name) {
			err = usageErrorf("--strategies: %q carries no items: there is nothing to verify", s.Name)
		}
		return s.Floor
	}), err
}

// run runs the kit and the torture on each strategy and says what came of it.
func (v *verification) run(ctx context.Context) error {
	fmt.Fprintf(v.stdout, "seed %d\n", v.seed)
	v.meter = newMeter(v.stderr, v.items)
	for i, s := range v.chosen {
		fmt.Fprintf(v.stdout, "\n%s\n", s.Name)
		account := newAccount(s.Descriptor)
		v.accounts = append(v.accounts, account)
		v.check(ctx, s, account)
		if ctx.Err() == nil {
			v.tortureOne(ctx, s, account, v.chosen[i:])
		}
		account.print(v.stdout)
		if ctx.Err() != nil {
			break
		}
	}
	fmt.Fprintln(v.stdout)
	broken := printAccounts(v.stdout, v.accounts)
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted while verifying %s", v.accounts[len(v.accounts)-1].strategy.Name)
	}
	if broken > 0 {
		return fmt.Errorf("%d promises were found broken (seed %d)", broken, v.seed)
	}
	fmt.Fprintln(v.stdout, "every promise that was checked was kept")
	return nil
}

// check runs the kit on a strategy.
func (v *verification) check(ctx context.Context, s strategies.Strategy, account *account) {
	found := conformance.Check(ctx, s, conformance.Options{Seed: v.seed, Progress: func(e conformance.Event) {
		account.note(e)
		switch e.State {
		case conformance.Started:
		case conformance.Passed:
			fmt.Fprintf(v.stdout, "  ok      %-28s %-14s %v\n", e.Check, e.Promise, e.Took.Round(time.Millisecond))
		default:
			fmt.Fprintf(v.stdout, "  %-7s %-28s %-14s %s\n", e.State, e.Check, e.Promise, e.Detail)
		}
	}})
	account.finding(found...)
}

// tortureOne tortures the first of the strategies that are left, for its share of
// the time, or of the items that are left.
func (v *verification) tortureOne(ctx context.Context, s strategies.Strategy, account *account, left []strategies.Strategy) {
	switch {
	case v.torture == 0 && v.items == 0:
		return
	case !countable(s):
		fmt.Fprintf(v.stdout, "  torture: none, there is nothing to count where %s is not promised\n", strategies.PromiseExactlyOnce)
		return
	}
	options := conformance.TortureOptions{Seed: v.seed, Progress: v.meter.show}
	if v.items > 0 {
		options.Items = v.share(left)
	} else {
		options.For = max(1, v.torture/time.Duration(len(v.chosen))) // 0 would be the default
	}
	v.meter.begin(s.Name)
	stats, found := conformance.Torture(ctx, s, options)
	v.meter.end(stats)
	account.tortured(stats, found)
	for _, f := range found {
		fmt.Fprintf(v.stdout, "  broken  %-28s %-14s %s\n", f.Check, f.Promise, f.Detail)
	}
	fmt.Fprintf(v.stdout, "  torture: %d rounds, %s items delivered, %s dropped, %s rejected, in %v\n", stats.Rounds,
		comma(stats.Delivered), comma(stats.Dropped), comma(stats.Rejected), stats.Elapsed.Round(time.Second/10))
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
	rest := v.items - min(v.items, v.meter.checked())
	return max(1, (rest+sharing-1)/sharing)
}

func comma(n uint64) string { return humanize.Comma(int64(n)) }
