package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/cmd/internal/flagvalue"
	"github.com/fanin-bench/fanin-bench/cmd/internal/output"
	"github.com/fanin-bench/fanin-bench/cmd/internal/terminal"
	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/harness/advice"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/parameter"
)

// recommendFlags is what the recommend verb can be told.
type recommendFlags struct {
	needs    advice.Needs
	programs []string
	budget   time.Duration
	seed     uint64
	out      string
	from     string
	json     bool
	volume   output.Volume
}

func (a *app) recommendCommand() *cobra.Command {
	flags := &recommendFlags{}
	command := &cobra.Command{
		Use:   "recommend",
		Short: "measure your workload and recommend a strategy",
		Long: "recommend measures one workload under every strategy that gives the required guarantees, ranks the\n" +
			"strategies, and prints Go code that uses the winner. It takes under two minutes and writes a run\n" +
			"directory as run does.\n" +
			"\n" +
			"" + advice.Rule + "\n" +
			"\n" +
			"It exits 1 if no strategy is suitable, and 3 if the answer is not decided: the machine is so noisy that\n" +
			"tied strategies may differ by a factor of two, the time is too short, or the run of --from has another\n" +
			"workload. Peers are left out unless --strategies names them.\n" +
			"\n" +
			"With --processes and --program the producers are in other processes: --delivery and --survives say\n" +
			"which guarantees they need, and the answer has the cost of leaving the process.",
		Example: "  fanin-bench recommend --producers 64 --rate 100k --consumer-cost 5us --memory 64MiB\n" +
			"  fanin-bench recommend --producers 1000 --order global    as fast as possible\n" +
			"  fanin-bench recommend --rate 200k --loss drop-oldest --payload 1KiB\n" +
			"  fanin-bench recommend --rate 80k --producers 4 --busy 4  beside four goroutines that compute\n" +
			"  fanin-bench recommend --sharing shared --lifetime 1      a goroutine for each item, one Sender\n" +
			"  fanin-bench recommend --producer-cost 10us --consumer-cost 2us\n" +
			"  fanin-bench recommend --processes 4 --program bin/remote --program bin/brokers --rate 20k --survives producer,broker\n" +
			"  fanin-bench recommend --from out/latest --producers 16",
		Args: usage.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := cmp.Or(flags.check(c.Flags().Changed), flags.volume.Check()); err != nil {
				return err
			}
			if err := cmp.Or(usage.NotEmpty(c, "out", "from"), output.CheckDirectory(flags.out)); err != nil {
				return err
			}
			a := a.at(flags.volume)
			answer, err := a.recommend(c, flags)
			if err != nil {
				return flagFault(err)
			}
			return a.answer(flags.json, answer)
		},
	}
	flags.register(command.Flags())
	return command
}

func (f *recommendFlags) register(flags *pflag.FlagSet) {
	n := &f.needs
	n.Cell, n.Loss, n.Delivery = advice.Anything(), scenario.Strings{advice.LossNone}, advice.Deliveries()[0] // what --help shows
	for _, p := range scenario.Asked() {
		flags.Var(flagvalue.One(p, &n.Cell), p.Name, p.Usage)
	}
	flags.Var(flagvalue.Names(&n.Loss), "loss",
		"`kinds` of loss that a full queue may cause: none (the producer waits), fail (the producer gets an error), drop-newest, drop-oldest")
	flags.Var(flagvalue.Size(&n.Memory), "memory", "`size` that the items of a full queue may occupy, as measured; excludes unbounded strategies; 0: no limit")
	flags.StringVar(&n.Order, "order", advice.OrderPerProducer,
		"`none|per-producer|global`: order of the items that the consumer needs (none by default with --sharing or --lifetime)")
	flags.StringVar(&n.Delivery, "delivery", n.Delivery, fmt.Sprintf("`%s`: delivery that is enough beyond the process", strings.Join(advice.Deliveries(), "|")))
	flags.Var(flagvalue.Names(&n.Survives), "survives",
		fmt.Sprintf("`names` of roles whose sudden end may cost no message that was confirmed: %s", strings.Join(results.Roles(), ", ")))
	registerPrograms(flags, &f.programs)
	flags.Var(flagvalue.Names(&n.Strategies), "strategies", "`names` of strategies or groups to choose among (default: "+pick.DefaultGroup+"; see list)")
	flags.DurationVar(&f.budget, "for", 80*time.Second, "approximate `duration` of the measurement")
	flags.Var(flagvalue.Seed(&f.seed), "seed", "`seed` of the order of trials (default: random, stored)")
	flags.StringVarP(&f.out, "out", "o", "", "`directory` of the run (default: out/<time>)")
	flags.StringVar(&f.from, "from", "", "`directory` of a run to answer from, without measuring")
	flags.BoolVar(&f.json, "json", false, "print the answer as JSON")
	f.volume.RegisterQuiet(flags, "the answer")
	f.volume.RegisterVerbose(flags)
}

// check finds values that are wrong by themselves and flags that contradict each
// other.
func (f *recommendFlags) check(changed func(string) bool) error {
	switch {
	case f.needs.Rate == 0 && changed("arrival"):
		return usage.Errorf("--arrival needs --rate")
	case f.needs.Busy == 0 && changed("busy-kind"):
		return usage.Errorf("--busy-kind needs --busy above 0")
	case f.needs.Processes > 1 && len(f.programs) == 0 && f.from == "":
		return usage.Errorf("--processes needs --program: producers of this program's own strategies stay in one process " +
			"(make beyond builds bin/remote and bin/brokers)")
	case f.needs.Processes < 2 && (changed("delivery") || changed("survives")):
		return usage.Errorf("--delivery and --survives need --processes above 1: within a process nothing is lost that its end does not end")
	case f.needs.Rate > 0 && f.needs.SendBatch > 1:
		return usage.Errorf("--send-batch and --rate contradict each other: a rate sends each item when it is due")
	}
	if err := f.checkConcerns(changed); err != nil {
		return err
	}
	if f.from != "" {
		for _, name := range []string{"for", "seed", "out"} {
			if changed(name) {
				return usage.Errorf("--from measures nothing: it cannot be combined with --%s", name)
			}
		}
	}
	if !changed("seed") {
		f.seed = scenario.NewSeed()
	}
	if !changed("order") && !f.needs.KeepsHandles() { // who sends from anywhere seldom relies on one
		f.needs.Order = advice.OrderNone
	}
	return nil
}

// checkConcerns refuses what would change nothing.
func (f *recommendFlags) checkConcerns(changed func(string) bool) error {
	load := f.needs.Cell
	if load.Rate == 0 {
		load.Arrival = results.ArrivalClosed
	} else if load.Arrival == results.ArrivalClosed {
		return nil // which is refused for itself
	}
	for _, p := range scenario.Asked() {
		if changed(p.Name) && p.Concerns != nil && !p.Concerns(load, parameter.Traits{Capacity: true, Full: true, Lanes: true, Processes: true}) {
			return usage.Errorf("--%s does not apply to the workload that the other flags describe", p.Name)
		}
	}
	return nil
}

// recommend answers from the run of --from, or measures one.
func (a *app) recommend(c *cobra.Command, flags *recommendFlags) (*advice.Advice, error) {
	a, err := a.withNamedPrograms(c.Context(), flags.programs)
	if err != nil {
		return nil, err
	}
	flags.needs.Strategies = a.meant(flags.needs.Strategies)
	question, err := advice.Ask(flags.needs, a.known)
	if err != nil {
		return nil, err
	}
	if flags.from == "" {
		return a.recommendMeasured(c.Context(), flags, question)
	}
	run, err := a.openRun([]string{flags.from})
	if err != nil {
		return nil, err
	}
	return question.From(run, a.summarize(run), advice.Asked{
		Can: func(name string) bool { return c.Flags().Lookup(name) != nil },
		Did: c.Flags().Changed,
	})
}

// recommendMeasured measures what answers a question.
func (a *app) recommendMeasured(ctx context.Context, flags *recommendFlags, question *advice.Question) (*advice.Advice, error) {
	m, err := question.Measurement(flags.budget, flags.seed)
	if err != nil {
		return nil, err
	}
	if len(m.Plan.Cells) == 0 {
		return question.Answer(m, nil, nil), nil
	}
	started := time.Now()
	s := &session{app: a}
	if err := s.create(ctx, m.Scenario, m.Plan, harness.IsolationProcess, "", flags.out); err != nil {
		return nil, err
	}
	if err := s.ready(); err != nil {
		return nil, err
	}
	s.runner.Stop = started.Add(flags.budget + flags.budget/4)
	ended, err := s.execute(ctx)
	if err != nil {
		return nil, err
	}
	run := s.writer.Run()
	if len(run.Trials) > 0 && ctx.Err() == nil {
		if err := s.draw(run, s.summary); err != nil {
			return nil, errors.Join(ended, err)
		}
	}
	if err := s.outcome(ended); err != nil {
		return nil, err
	}
	return question.Answer(m, run, s.summary), nil
}

// answer prints the advice. It is an error if it has none to give.
func (a *app) answer(asJSON bool, answer *advice.Advice) error {
	var err error
	if asJSON {
		err = terminal.WriteJSON(a.stdout, answer)
	} else {
		err = answer.WriteText(a.stdout)
	}
	if err != nil {
		return fmt.Errorf("printing the recommendation: %w", err)
	}
	return answer.Err()
}
