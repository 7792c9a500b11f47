package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/fanin-bench/fanin-bench/cmd/internal/rundir"
	"github.com/fanin-bench/fanin-bench/cmd/internal/terminal"
	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/harness/doctor"
	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
)

func (a *app) runCommand() *cobra.Command {
	flags := &runFlags{}
	command := &cobra.Command{
		Use:   "run",
		Short: "measure strategies and draw the results",
		Long: "run executes every trial of a scenario, each in its own process, and writes a run directory\n" +
			"with raw results, summaries and figures. Without flags it runs the default portfolio.",
		Example: "  fanin-bench run --quick\n" +
			"  fanin-bench run --producers 1..64 --strategies chan,mutex-swap,lanes\n" +
			"  fanin-bench run --scenario buffer-size --out out/buffer-size\n" +
			"  fanin-bench run --against /tmp/old/fanin-bench --out out/change\n" +
			"  fanin-bench run --program bin/originals --scenario originals\n" +
			"  fanin-bench run --scenario latency --dry-run\n" +
			"  fanin-bench run --resume",
		Args: usage.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := flags.check(c); err != nil {
				return err
			}
			if flags.dryRun {
				return a.dryRun(c, flags)
			}
			session, err := a.session(c, flags)
			if err != nil {
				return err
			}
			return session.run(c.Context())
		},
	}
	flags.register(command.Flags())
	return command
}

// session is one execution of the run verb.
type session struct {
	*app
	writer *results.Writer
	runner harness.Runner
	slots  []scenario.Slot // the trials still to be run
	base   *opponent       // what the run is measured in turns with; nil if there is none

	summary *results.Summary // of what the run has measured, once that is done
	json    bool

	label   string // of a new run
	cuts    []cut  // by flags, of its plan
	changes string // in what the conditions are not those that a resumed run began with
}

// session prepares a run: a new one, or what is missing of an old one.
func (a *app) session(c *cobra.Command, flags *runFlags) (*session, error) {
	s := &session{app: a.at(flags.volume), json: flags.json, label: flags.label}
	var err error
	if flags.resume {
		err = s.reopen(c.Context(), flags)
	} else {
		err = s.begin(c, flags)
	}
	if err != nil {
		return nil, err
	}
	if err := s.ready(); err != nil {
		return nil, err
	}
	where := s.stdout
	if s.json { // which has standard output to itself
		where = s.failures
	}
	if err := s.sayDirectory(where, s.writer.Run().Dir); err != nil {
		return nil, err
	}
	if flags.quick {
		s.runner.Stop = time.Now().Add(scenario.QuickDeadline)
	}
	if s.base != nil {
		if err := s.holdOwn(); err != nil {
			return nil, err
		}
		s.base.prepare(s.runner)
	}
	return s, nil
}

// ready makes the runner for what the manifest says.
func (s *session) ready() (err error) {
	m := s.writer.Run().Manifest
	s.runner = harness.Runner{
		Saturation: s.writer.Run().Saturation,
		Known:      s.known, Programs: s.programs, Isolation: m.Isolation, Timeout: time.Duration(m.TimeoutNs), MemoryLimit: m.MemoryLimit,
		Done: s.store,
	}
	if build := machine.OwnBuild(); build != nil {
		s.runner.Build = build.ID
	}
	s.runner.Command, err = s.child()
	return err
}

// begin plans a new run and creates its directory.
func (s *session) begin(c *cobra.Command, flags *runFlags) error {
	chosen, plan, err := s.plan(c, flags)
	if err != nil {
		return err
	}
	return s.create(c.Context(), chosen, plan, flags.isolation, flags.shard, flags.out)
}

// plan resolves what a new run is to do, and says what it leaves out.
func (s *session) plan(c *cobra.Command, flags *runFlags) (scenario.Scenario, scenario.Plan, error) {
	changed := c.Flags().Changed
	var plan scenario.Plan
	chosen, err := flags.resolve(changed)
	if err != nil {
		return chosen, plan, err
	}
	if s.app, err = s.withNamedPrograms(c.Context(), flags.programs); err != nil {
		return chosen, plan, err
	}
	chosen.Strategies = s.meant(chosen.Strategies)
	if err := checkOffer(chosen, changed); err != nil {
		return chosen, plan, err
	}
	whole := chosen
	if flags.quick {
		if chosen, err = chosen.Quick(s.known, changed); err != nil {
			return chosen, plan, planError(err, changed, flags.scenario)
		}
	}
	if plan, err = scenario.NewPlan(chosen, s.known, flags.seed); err != nil {
		return chosen, plan, planError(err, changed, flags.scenario)
	}
	if flags.quick && flags.dryRun {
		s.noteCut("--quick", wholePlan(whole, s.known), plan)
	}
	s.noteMissing(chosen, plan.Cells)
	if changed("shard") {
		all := plan
		if plan, err = plan.Shard(flags.shard); err != nil {
			return chosen, plan, planError(err, changed, flags.scenario)
		}
		s.noteCut("--shard "+flags.shard, all, plan)
	}
	if flags.against != "" {
		if s.base, err = s.findOpponent(c.Context(), flags.against); err != nil {
			return chosen, plan, err
		}
		if plan.Cells, err = s.base.common(plan.Cells, s.stderr); err != nil {
			return chosen, plan, err
		}
	}
	return chosen, plan, nil
}

// expected is roughly how long a run of a plan takes, with that of the program that it is
// measured in turns with.
func (s *session) expected(plan scenario.Plan) time.Duration {
	if s.base != nil {
		return 2 * plan.Expected()
	}
	return plan.Expected()
}

// create makes the directory of a run, out/<time> unless out names another.
func (s *session) create(ctx context.Context, chosen scenario.Scenario, plan scenario.Plan, isolation, shard, out string) error {
	environment := machine.ReadEnvironment(ctx)
	manifest := results.Manifest{
		Scenario: chosen.Name, Label: s.label, Seed: plan.Seed, Command: os.Args, Version: versionText(),
		Started: time.Now().UTC(), Reps: plan.Reps, TimeoutNs: int64(chosen.Timeout), MemoryLimit: int64(chosen.MemoryLimit),
		Isolation: isolation, Expect: plan.Expect, Cells: plan.Cells, Strategies: s.executed(plan.Cells),
		Environment: environment, Warnings: doctor.EnvironmentWarnings(environment), Shard: shard,
	}
	manifest.SetFewer(plan.Fewer)
	if warning := machine.MemoryWarning(environment, manifest.MemoryLimit); warning != "" {
		manifest.Warnings = append(manifest.Warnings, warning)
	}
	dir, err := out, error(nil)
	if out == "" {
		dir, err = rundir.New(time.Now(), func(dir string) error { return s.open(dir, manifest) })
	} else {
		err = s.open(dir, manifest)
	}
	if err != nil {
		return err
	}
	if out == "" {
		// Where links are not allowed, as on some Windows machines, the run is not worth
		// failing for that.
		if err := rundir.PointLatest(dir); err != nil {
			fmt.Fprintln(s.stderr, "warning:", err)
		}
	}
	s.slots = plan.Slots()
	fmt.Fprintf(s.stderr, "%s: %s; takes about %s\n%s\n", chosen.Name, plan.Describe(), roughly(s.expected(plan)), terminal.Path(dir))
	for _, warning := range manifest.Warnings {
		fmt.Fprintln(s.stderr, "warning:", warning)
	}
	return nil
}

// open makes the run directory, and that of the program it is measured in turns with.
// Its own comes first: it is the one whose name the user chose.
func (s *session) open(dir string, m results.Manifest) (err error) {
	if s.base != nil {
		m.Pair = newPair()
	}
	if s.writer, err = results.Create(dir, m); err != nil || s.base == nil {
		return err
	}
	if err := s.base.create(dir, m); err != nil {
		return errors.Join(err, s.writer.Discard())
	}
	return nil
}

// planError names the flag or the scenario's field that a plan error is about.
func planError(err error, changed func(string) bool, scenario string) error {
	var field *results.FieldError
	if !errors.As(err, &field) {
		return err
	}
	if changed(field.Field) {
		return usage.Errorf("--%s: %w", field.Field, field.Err)
	}
	return usage.Errorf("scenario %s: %s: %w", scenario, field.Field, field.Err)
}

// flagFault names the flag of the parameter that an error is about, if it is about one.
func flagFault(err error) error {
	return planError(err, func(string) bool { return true }, "")
}

// reopen finds out what is missing of a run that was ended.
func (s *session) reopen(ctx context.Context, flags *runFlags) error {
	dir := flags.out
	if dir == "" {
		dir = rundir.Latest()
	}
	undo := rundir.Lean() // an in-process trial finds the collector as it was
	writer, run, err := results.Resume(dir)
	undo()
	if err != nil {
		return err
	}
	if err := s.continues(ctx, &run.Manifest, flags.programs); err != nil {
		return errors.Join(fmt.Errorf("resuming %s: %w", terminal.Path(dir), err), writer.Close())
	}
	s.writer = writer
	var again int
	if s.slots, again = slotsLeft(run, flags.retry); len(s.slots) > 0 {
		if err := s.checkConditions(ctx, &run.Manifest, flags.force); err != nil {
			return errors.Join(fmt.Errorf("resuming %s: %w", terminal.Path(dir), err), writer.Close())
		}
	}
	missing := len(s.slots) - again
	fmt.Fprintf(s.stderr, "%s: %d of %s are missing\n", terminal.Path(dir), missing, units.Plural(missing+len(run.Trials), "trial"))
	if again > 0 {
		fmt.Fprintf(s.stderr, "%s measured again\n", units.Plural(again, "failed trial"))
	}
	return nil
}

// continues makes ready to run the trials of a manifest, or says why they cannot be.
func (s *session) continues(ctx context.Context, m *results.Manifest, programs []string) (err error) {
	if m.Pair != nil {
		return errInTurns
	}
	if n := len(m.Merged); n > 0 {
		return fmt.Errorf("it was merged from %d runs; resume the unfinished run among them, and merge again", n)
	}
	if s.app, err = s.withProgramsOf(ctx, m, programs); err != nil {
		return err
	}
	for _, cell := range m.Cells {
		if _, err := pick.Find(s.known, cell.Strategy); err != nil {
			return err
		}
	}
	return nil
}

// run executes the trials, and whatever ended them, makes the derived files and
// the figures of those that finished.
func (s *session) run(ctx context.Context) error {
	ended, err := s.execute(ctx)
	if err != nil {
		return err
	}
	// Drawing takes longer than who ends a run waits.
	if run := s.writer.Run(); len(run.Trials) > 0 && ctx.Err() == nil {
		s.inOrder("; " + drawWith(run))
		if err := s.report(run); err != nil {
			return errors.Join(ended, err)
		}
	}
	if s.base != nil {
		if err := s.finishBase(); err != nil {
			return errors.Join(ended, err)
		}
	}
	if err := s.outcome(ended); err != nil {
		return err
	}
	return s.standing()
}

// execute executes the trials and makes the files that follow from them. It
// returns what ended the trials early, and an error if nothing can be made of
// those that finished.
func (s *session) execute(ctx context.Context) (ended, err error) {
	advice := "; " + drawWith(s.writer.Run())
	if s.base == nil {
		advice = "; " + continueWith(s.writer.Run()) + advice
	}
	s.inOrder(advice)
	ended = s.trials(ctx)
	rundir.Lean() // nothing is measured from here on
	if err := s.writer.Finish(); err != nil {
		return ended, errors.Join(ended, err)
	}
	if s.summary, err = s.derive(s.writer.Run()); err != nil {
		return ended, errors.Join(ended, err)
	}
	return ended, nil
}

// outcome says what became of a run that ended in this way: that the time was up
// is only worth a warning.
func (s *session) outcome(ended error) error {
	run := s.writer.Run()
	left := fmt.Sprintf("%d trials are missing", run.Missing())
	if s.base == nil {
		left += "; " + continueWith(run)
	}
	switch {
	case errors.Is(ended, context.Canceled):
		return fmt.Errorf("interrupted: %s; %s", left, drawWith(run))
	case errors.Is(ended, harness.ErrStopped):
		fmt.Fprintf(s.stderr, "warning: %v; %s\n", ended, left)
		return nil
	}
	return ended
}

// continueWith and drawWith say what can be done with a run that was ended early.
func continueWith(run *results.Run) string {
	return "continue with: fanin-bench run --resume --out " + terminal.ShellQuoted(run.Dir) + programFlags(&run.Manifest)
}

func drawWith(run *results.Run) string {
	return "draw the finished trials with: fanin-bench plot " + terminal.ShellQuoted(run.Dir)
}

// trials runs the trials and shows how far they are.
func (s *session) trials(ctx context.Context) error {
	runners := map[string]*harness.Runner{"": &s.runner}
	if s.base != nil {
		runners[s.base.path+": "] = &s.base.runner
	}
	progress := terminal.NewProgress(s.stderr, s.failures, s.slots, len(runners), &s.writer.Run().Manifest)
	defer progress.Finish()
	for who, runner := range runners {
		done := runner.Done
		runner.Begin = progress.Begin
		runner.Done = func(t results.Trial) error {
			progress.End(who, t)
			return done(t)
		}
	}
	if s.base != nil { // both in the same sittings
		return harness.RunTogether(ctx, s.slots, &s.runner, &s.base.runner)
	}
	return s.runner.Run(ctx, s.slots)
}

// report prints the tables or the summary, and draws.
func (s *session) report(run *results.Run) error {
	if s.json {
		if err := terminal.WriteJSON(s.stdout, s.summary); err != nil {
			return fmt.Errorf("printing the summary: %w", err)
		}
	} else if s.volume.Quiet {
		return s.draw(run, s.summary)
	} else if err := terminal.WriteTables(s.stdout, s.summary); err != nil {
		return fmt.Errorf("printing the tables: %w", err)
	}
	return s.draw(run, s.summary)
}
