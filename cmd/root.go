package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/fanin-bench/fanin-bench/cmd/internal/fineness"
	"github.com/fanin-bench/fanin-bench/cmd/internal/held"
	"github.com/fanin-bench/fanin-bench/cmd/internal/output"
	"github.com/fanin-bench/fanin-bench/cmd/internal/rundir"
	"github.com/fanin-bench/fanin-bench/cmd/internal/terminal"
	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/plots"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/compare"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// app is what every verb works with.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	failures       io.Writer // where failures are told, also by a quiet verb; see at
	volume         output.Volume
	known          []strategies.Strategy
	programs       map[string]harness.Program // what executes the trials of strategies of other programs, by strategy
	held           *held.Programs             // copies of programs that trials are executed by
	// summarize is results.Summarize, which a verb calls once for a run.
	summarize func(*results.Run) *results.Summary
	// child starts a process that speaks the trial protocol.
	child func() ([]string, error)
	// dpi is how fine the PNGs of a run are: see fineness.
	dpi int
	// advice is what is said of a verb that ends in order and was cut short; nil for
	// those that need no order. See inOrder.
	advice *atomic.Pointer[string]
}

// Main runs the command line given by args (without the program's name) over
// the given strategies and returns the process's exit code, of which exits lists the
// meanings. INT and TERM end it, and the process if it does not end within a second.
func Main(ctx context.Context, args []string, known ...strategies.Strategy) int {
	a := newApp(known)
	a.dpi = fineness.Of(ctx, plots.DPI)
	return a.main(ctx, args)
}

// newApp returns the app that Main runs.
func newApp(known []strategies.Strategy) *app {
	a := &app{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, known: known, held: &held.Programs{}, advice: &atomic.Pointer[string]{},
		summarize: results.Summarize, dpi: plots.DPI,
	}
	a.child = a.thisProgram
	return a
}

// main is execute for a whole process, which signals end.
func (a *app) main(ctx context.Context, args []string) int {
	ctx, stop := a.heedSignals(ctx)
	defer stop()
	return a.execute(ctx, args)
}

// at returns the app as it speaks at a volume. Failures go to the standard error of a
// at any volume.
func (a *app) at(v output.Volume) *app {
	at := *a
	at.volume, at.failures = v, a.stderr
	if v.Quiet {
		at.stderr = io.Discard
	}
	return &at
}

// sayDirectory prints where a run is to out, which is all that a quiet verb prints of it.
func (a *app) sayDirectory(out io.Writer, dir string) error {
	if !a.volume.Quiet {
		return nil
	}
	if _, err := fmt.Fprintln(out, dir); err != nil {
		return fmt.Errorf("printing the run's directory: %w", err)
	}
	return nil
}

// openRun opens the run directory that args name, the latest if they name none,
// and prints what is wrong with it.
func (a *app) openRun(args []string) (*results.Run, error) {
	dir := rundir.Latest()
	if len(args) == 1 {
		dir = args[0]
	}
	run, err := rundir.Open(dir)
	if err != nil {
		return nil, err
	}
	for _, warning := range run.Warnings {
		fmt.Fprintln(a.stderr, "warning:", warning)
	}
	return run, nil
}

func (a *app) execute(ctx context.Context, args []string) int {
	a.held = cmp.Or(a.held, &held.Programs{})
	defer a.held.Release()
	help := &output.Noting{To: a.stdout} // the library loses the errors of writing it
	root := a.root(help)
	root.SetArgs(args)
	ran, err := root.ExecuteContextC(ctx)
	if why, ok := endedBy(ctx); ok {
		fmt.Fprintln(a.stderr, "fanin-bench:", terminal.OneLine(cmp.Or(err, error(why))))
		return why.exitCode()
	}
	if err = cmp.Or(err, help.Failed()); err == nil {
		return exitSuccess
	}
	fmt.Fprintln(a.stderr, "fanin-bench:", terminal.OneLine(err))
	var wrong usage.Error
	if errors.As(err, &wrong) {
		fmt.Fprintf(a.stderr, "see '%s --help'\n", ran.CommandPath())
		return exitUsage
	}
	return exitCode(err)
}

func (a *app) root(help io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "fanin-bench",
		Short: "compare queues that carry items from many goroutines to one",
		Long: "fanin-bench compares fan-in strategies, which carry items from many producers to one consumer, under any\n" +
			"load: throughput, response times, memory and more. It checks every delivery.\n\n" +
			"Exit codes:\n" + strings.TrimSuffix(exitTable(), "\n"),
		Example: "  fanin-bench run                                  the default portfolio, about 8 min\n" +
			"  fanin-bench run --quick                          the same within a minute\n" +
			"  fanin-bench run --producers 1,4,16 --strategies chan,lanes\n" +
			"  fanin-bench plot out/latest                      draw a run again\n" +
			"  fanin-bench verify --strategies lanes --for 30s  look for broken promises",
		SilenceErrors:              true,
		SuggestionsMinimumDistance: 2,
		SilenceUsage:               true,
		Args:                       usage.NoSuchVerb,
		RunE:                       func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.Version = versionLine()
	root.SetVersionTemplate("{{.Version}}\n")
	root.Flags().Bool("version", false, "print the version") // without the library's -v
	root.SetIn(a.stdin)
	root.SetOut(help)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(usage.FlagError)
	root.AddCommand(
		a.listCommand(), a.runCommand(), a.plotCommand(), a.reportCommand(), a.compareCommand(), a.recommendCommand(),
		a.exportCommand(), a.mergeCommand(), a.historyCommand(), a.speedCommand(), a.verifyCommand(), a.doctorCommand(),
		a.versionCommand(), a.docsCommand(), a.trialCommand(),
	)
	// cobra adds these late otherwise, in its own words, and lets completion take any shell for help.
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			c.Short, c.Args, c.RunE = "write the completion script of a shell", usage.NoSuchVerb, root.RunE
		case "help":
			c.Short = "show the help of a command"
		}
	}
	return root
}

// Exit codes.
const (
	exitSuccess    = 0
	exitFailure    = 1
	exitUsage      = 2
	exitNotDecided = 3
	exitInterrupt  = 130
	exitTerminate  = 143
)

// exits is what the exit codes mean: the help of the root shows it, and so does docs/READING.md, which is made from that.
var exits = []struct {
	code int
	when string
}{
	{exitSuccess, "success; compare --fail-on: every comparison excludes a regression"},
	{exitFailure, "regression, failed trial, broken promise, no suitable strategy, or an error of the system"},
	{exitUsage, "the command line or a scenario file is wrong"},
	{exitNotDecided, "not decided or not comparable: the measurements give no verdict, and the last line says how to get one"},
	{exitInterrupt, "interrupted (INT)"},
	{exitTerminate, "terminated (TERM)"},
}

// exitTable lists the exit codes for the help.
func exitTable() string {
	var b strings.Builder
	for _, e := range exits {
		fmt.Fprintf(&b, "  %3d  %s\n", e.code, e.when)
	}
	return b.String()
}

// exitCode is what a verb that ended with an error exits with, but for wrong usage and
// signals.
func exitCode(err error) int {
	if errors.Is(err, compare.ErrNotDecided) || errors.Is(err, errOtherConditions) {
		return exitNotDecided
	}
	return exitFailure
}
