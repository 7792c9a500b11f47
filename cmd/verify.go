package cmd

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
)

func (a *app) verifyCommand() *cobra.Command {
	var names []string
	var torture time.Duration
	var seed uint64
	command := &cobra.Command{
		Use:   "verify",
		Short: "look for broken promises: the conformance kit, then torture at full speed",
		Long: "verify tries every promise of the contract on each strategy (see the documentation of package\n" +
			"strategies), then sends a random mix of everything through it at full speed for a while,\n" +
			"checking every delivery. It exits 1 if a promise was broken.",
		Example: "  fanin-bench verify\n  fanin-bench verify --strategies lanes,mutex-swap --for 5m",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if torture < 0 {
				return usageErrorf("--for: %v is below 0", torture)
			}
			if !c.Flags().Changed("seed") {
				seed = rand.Uint64()
			}
			chosen, err := a.verifiable(names)
			if err != nil {
				return err
			}
			return a.verify(c.Context(), chosen, torture, seed)
		},
	}
	command.Flags().StringSliceVar(&names, "strategies", nil, "`names` or groups, comma separated (default: "+harness.DefaultGroup+"; see list)")
	command.Flags().DurationVar(&torture, "for", 30*time.Second, "how `long` to torture, shared by the strategies; 0 leaves it out")
	command.Flags().Uint64Var(&seed, "seed", 0, "`seed` of what is random (default: random, printed)")
	return command
}

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

// verify runs the kit and the torture on each strategy.
func (a *app) verify(ctx context.Context, chosen []strategies.Strategy, torture time.Duration, seed uint64) error {
	fmt.Fprintf(a.stdout, "seed %d\n", seed)
	broken := 0
	for _, s := range chosen {
		findings := a.verifyOne(ctx, s, torture/time.Duration(len(chosen)), seed)
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted while verifying %s", s.Name)
		}
		broken += len(findings)
	}
	if broken > 0 {
		return fmt.Errorf("%d promises were found broken (seed %d)", broken, seed)
	}
	fmt.Fprintln(a.stdout, "every promise was kept")
	return nil
}

func (a *app) verifyOne(ctx context.Context, s strategies.Strategy, torture time.Duration, seed uint64) []conformance.Finding {
	fmt.Fprintf(a.stdout, "\n%s\n", s.Name)
	findings := conformance.Check(ctx, s, conformance.Options{Seed: seed, Progress: func(e conformance.Event) {
		switch e.State {
		case conformance.Started:
		case conformance.Passed:
			fmt.Fprintf(a.stdout, "  ok      %-28s %-14s %v\n", e.Check, e.Promise, e.Took.Round(time.Millisecond))
		default:
			fmt.Fprintf(a.stdout, "  %-7s %-28s %-14s %s\n", e.State, e.Check, e.Promise, e.Detail)
		}
	}})
	if torture <= 0 || ctx.Err() != nil {
		return findings
	}
	stats, found := conformance.Torture(ctx, s, conformance.TortureOptions{For: torture, Seed: seed})
	for _, f := range found {
		fmt.Fprintf(a.stdout, "  broken  %-28s %-14s %s\n", f.Check, f.Promise, f.Detail)
	}
	fmt.Fprintf(a.stdout, "  torture: %d rounds, %s items delivered, %s dropped, %s rejected, in %v\n", stats.Rounds,
		humanize.Comma(int64(stats.Delivered)), humanize.Comma(int64(stats.Dropped)), humanize.Comma(int64(stats.Rejected)),
		stats.Elapsed.Round(time.Second/10))
	return append(findings, found...)
}
