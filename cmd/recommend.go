package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/results"
)

// recommendFlags is what the recommend verb can be told.
type recommendFlags struct {
	needs    needs
	capacity harness.Capacities
	budget   time.Duration
	seed     uint64
	out      string
	from     string
	json     bool
}

func (a *app) recommendCommand() *cobra.Command {
	flags := &recommendFlags{}
	command := &cobra.Command{
		Use:   "recommend",
		Short: "measure your workload and name the strategy for it",
		Long: "recommend measures one workload under every strategy that can give the guarantees asked for,\n" +
			"ranks them, and prints the Go code that uses the winner. It takes under two minutes and leaves\n" +
			"a run directory as run does.\n\n" + rankingRule + "\n\n" +
			"It exits 1 if nothing can be recommended, and 3 if that is not decided: where the machine is so noisy\n" +
			"that any of a tie may take over twice as long as another, where the time was too short, and where the\n" +
			"run of --from is of another workload. Peers are left out unless --strategies names them.",
		Example: "  fanin-bench recommend --producers 64 --rate 100k --consumer-cost 5us --memory 64MiB\n" +
			"  fanin-bench recommend --producers 1000 --order global    as fast as it goes\n" +
			"  fanin-bench recommend --rate 200k --loss drop-oldest --payload 1KiB\n" +
			"  fanin-bench recommend --rate 80k --producers 4 --busy 4  beside four goroutines that compute\n" +
			"  fanin-bench recommend --from out/latest --producers 16",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := flags.check(c.Flags().Changed); err != nil {
				return err
			}
			if err := cmp.Or(notEmpty(c, "out", "from"), checkOutDirectory(flags.out)); err != nil {
				return err
			}
			if flags.from != "" {
				return a.recommendFrom(flags, c.Flags())
			}
			return a.recommend(c, flags)
		},
	}
	flags.register(command.Flags())
	return command
}

// The order of preference, as the help and the answer state it.
const rankingRule = "Ranked are those that sustain the rate, or might: a trial does if all is received within 2 % (and\n" +
	"3 ms) of the time that its schedule takes, and a strategy does not if the 95 % interval over its\n" +
	"trials lies beyond. Lower response time, p99, comes first; beside --busy neighbours, where a\n" +
	"producer wakes late under any strategy, lower transit time; without --rate, higher throughput. A\n" +
	"difference counts if the Mann-Whitney test, corrected after Holm for all comparisons, and the\n" +
	"interval of the ratios by block both find it, and if it is over 10 %; all else is a tie. Of a tie\n" +
	"the code is for the one that takes the least memory, then CPU, under the same rule, and then for\n" +
	"the first as listed, so that chance decides nothing."

func (f *recommendFlags) register(flags *pflag.FlagSet) {
	n := &f.needs
	n.producers, n.sendBatch, n.loss = 16, 1, harness.Strings{lossNone} // what --help shows
	flags.Var(countFlag(&n.producers, harness.LimitOf("producers")), "producers", "`count` of goroutines that send")
	flags.Var(rateFlag(&n.rate), "rate", "messages per second of all producers together, as 200k (default: as fast as it goes)")
	flags.StringVar(&n.arrival, "arrival", harness.ArrivalPoisson, "`kind` of arrival at that rate: constant, poisson, burst")
	n.payload = harness.MinPayload
	flags.Var(payloadFlag(&n.payload), "payload", "`size` of an item, as 8 or 1KiB")
	flags.Var(timeFlag(&n.cost, harness.LimitOf("consumer-cost")), "consumer-cost", "`time` that the consumer is busy with each item")
	flags.Var(countFlag(&n.busy, harness.LimitOf("busy")), "busy", "`count` of neighbours: goroutines that compute in the same process all the while")
	flags.StringVar(&n.busyKind, "busy-kind", results.BusySpin,
		"`kind` of neighbours: spin (they compute) or alloc (they also allocate, which brings the collector)")
	flags.Var(countFlag(&n.sendBatch, harness.LimitOf("send-batch")), "send-batch", "`items` per send; not with --rate, where each is sent when it is due")
	flags.Var(capacitiesFlag(&f.capacity), "capacity", "`items` that bounded strategies hold; 1024/producer or 1024/total says of whom (default: their own)")
	flags.Var(namesFlag(&n.loss), "loss",
		"`what` may become of an item that finds no room: none (its sender waits), fail (its sender is told), drop-newest, drop-oldest")
	flags.Var(sizeFlag(&n.memory), "memory", "`size` that the items of a full queue may occupy, as measured; rules out what nothing bounds; 0: no limit")
	flags.StringVar(&n.order, "order", orderPerProducer, "`kind` of order that is needed: per-producer, global")
	flags.Var(namesFlag(&n.strategies), "strategies", "`names` or groups to choose among (default: "+harness.DefaultGroup+"; see list)")
	flags.DurationVar(&f.budget, "for", 80*time.Second, "`time` that measuring may take, about")
	registerSeed(flags, &f.seed, "`seed` of the order of trials (default: random, stored)")
	flags.StringVarP(&f.out, "out", "o", "", "run `directory` (default: out/<time>)")
	flags.StringVar(&f.from, "from", "", "answer from the nearest cells of this run `directory`, without measuring")
	flags.BoolVar(&f.json, "json", false, "print the answer as JSON")
}

// check finds values that are wrong by themselves and flags that contradict each
// other.
func (f *recommendFlags) check(changed func(string) bool) error {
	if err := f.needs.check(); err != nil {
		return err
	}
	switch {
	case len(f.capacity) > 1:
		return usageErrorf("--capacity: one is compared at a time, not %d", len(f.capacity))
	case len(f.capacity) == 1:
		f.needs.capacity = f.capacity[0]
	}
	switch {
	case f.needs.rate == 0 && changed("arrival"):
		return usageErrorf("--arrival: it needs a --rate")
	case f.needs.busy == 0 && changed("busy-kind"):
		return usageErrorf("--busy-kind: it needs a --busy above 0")
	case f.needs.rate > 0 && f.needs.sendBatch > 1:
		return usageErrorf("--send-batch and --rate contradict each other: at a rate each item is sent when it is due")
	}
	if f.from != "" {
		for _, name := range []string{"for", "seed", "out"} {
			if changed(name) {
				return usageErrorf("--from measures nothing: it cannot be combined with --%s", name)
			}
		}
	}
	if f.budget > maxBudget {
		return usageErrorf("--for: %v is over %v", f.budget, maxBudget)
	}
	if !changed("seed") {
		f.seed = harness.NewSeed()
	}
	return nil
}

// recommend measures and answers.
func (a *app) recommend(c *cobra.Command, flags *recommendFlags) error {
	n := flags.needs
	cells, excluded, err := n.candidates(a.known)
	if err != nil {
		return planError(err, func(string) bool { return true }, "")
	}
	if ranked := rankable(a.known, cells); ranked == 0 {
		return a.answer(flags.json, &advice{Workload: n.workload(), Outcome: outcomeNone, Rule: rankingRule, Excluded: excluded})
	}
	scenario, plan, err := flags.plan(a.known, cells)
	if err != nil {
		return err
	}
	started := time.Now()
	s := &session{app: a}
	if err := s.create(c.Context(), scenario, plan, harness.IsolationProcess, "", flags.out); err != nil {
		return err
	}
	if err := s.ready(); err != nil {
		return err
	}
	s.runner.Stop = started.Add(flags.budget + flags.budget/4)
	ended, err := s.execute(c.Context())
	if err != nil {
		return err
	}
	run := s.writer.Run()
	if len(run.Trials) > 0 && c.Context().Err() == nil {
		if err := s.draw(run, s.summary); err != nil {
			return errors.Join(ended, err)
		}
	}
	if err := s.outcome(ended); err != nil {
		return err
	}
	advice := newAdvice(run, a.known, n, run.Manifest.Cells)
	advice.Needs = fmt.Sprintf("Leave the machine alone, or give --for %v", shortly(longer(flags.budget)))
	advice.Excluded = append(excluded, advice.Excluded...)
	return a.answer(flags.json, advice)
}

// answer prints the advice. It is an error if it has none to give.
func (a *app) answer(asJSON bool, advice *advice) error {
	var err error
	if asJSON {
		err = printJSON(a.stdout, advice)
	} else {
		err = advice.print(a.stdout)
	}
	if err != nil {
		return fmt.Errorf("printing the recommendation: %w", err)
	}
	if err := advice.violation(); err != nil {
		return err
	}
	switch {
	case advice.Outcome == outcomeNotDecided:
		return fmt.Errorf("recommending a strategy: %w: %s", results.ErrNotDecided, strings.Join(advice.Reasons, "; "))
	case len(advice.Candidates) == 0 && len(advice.Excluded) > 0:
		return errors.New("recommending a strategy: none meets the guarantees")
	case advice.Outcome == outcomeNone:
		return errors.New("recommending a strategy: none sustains the workload")
	}
	return nil
}

// rankableCells returns the loads among some cells that are not the floor's.
func rankableCells(m *results.Manifest, cells []results.Cell) []results.Cell {
	var out []results.Cell
	for _, c := range cells {
		if s := m.Strategy(c.Strategy); s != nil && !s.Floor && c.Kind == "" {
			out = append(out, c)
		}
	}
	return out
}
