// Package cmd is the command line of fanin-bench, one verb a file. Main is also
// how a queue from another module joins the suite: a program of one line,
//
//	os.Exit(cmd.Main(context.Background(), os.Args[1:], append(strategies.All(), mine)...))
//
// has every verb, with that queue beside the built-in ones.
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

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// app is what every verb works with.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	volume         volume
	known          []strategies.Strategy
	programs       map[string]harness.Program // what executes the trials of strategies of other programs, by strategy
	held           *holder                    // copies of programs that trials are executed by
	// summarize is results.Summarize, which a verb calls once for a run.
	summarize func(*results.Run) *results.Summary
	// child starts a process that speaks the trial protocol.
	child func() ([]string, error)
	// advice is what is said of a verb that ends in order and was cut short; nil for
	// those that need no order. See inOrder.
	advice *atomic.Pointer[string]
}

// Main runs the command line given by args (without the program's name) over
// the given strategies and returns the process's exit code, of which exits lists the
// meanings. INT and TERM end it, and the process if it does not end within a second.
func Main(ctx context.Context, args []string, known ...strategies.Strategy) int {
	a := &app{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, known: known, held: &holder{}, advice: &atomic.Pointer[string]{},
		summarize: results.Summarize,
	}
	a.child = a.thisProgram
	ctx, stop := a.heedSignals(ctx)
	defer stop()
	return a.execute(ctx, args)
}

// usageError marks what the user can mend on the command line.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usageErrorf(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

func (a *app) execute(ctx context.Context, args []string) int {
	a.held = cmp.Or(a.held, &holder{})
	defer a.held.release()
	root := a.root()
	root.SetArgs(args)
	ran, err := root.ExecuteContextC(ctx)
	if why, ok := endedBy(ctx); ok {
		fmt.Fprintln(a.stderr, "fanin-bench:", cmp.Or(err, error(why)))
		return why.exitCode()
	}
	if err == nil {
		return exitSuccess
	}
	fmt.Fprintln(a.stderr, "fanin-bench:", err)
	var usage usageError
	if errors.As(err, &usage) {
		fmt.Fprintf(a.stderr, "see '%s --help'\n", ran.CommandPath())
		return exitUsage
	}
	return exitCode(err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "fanin-bench",
		Short: "measure ways for many goroutines to feed one",
		Long: "fanin-bench puts fan-in strategies - many producers, one consumer - side by side:\n" +
			"throughput, response times, memory and more under any load, with every delivery checked.\n\n" +
			"Exit codes:\n" + strings.TrimSuffix(exitTable(), "\n"),
		Example: "  fanin-bench run                                  the default sweep, about 8 min\n" +
			"  fanin-bench run --quick                          the same within a minute\n" +
			"  fanin-bench run --producers 1,4,16 --strategies chan,lanes\n" +
			"  fanin-bench plot out/latest                      draw a run again\n" +
			"  fanin-bench verify --strategies lanes --for 30s  look for broken promises",
		SilenceErrors:              true,
		SuggestionsMinimumDistance: 2,
		SilenceUsage:               true,
		Args:                       noSuchVerb,
		RunE:                       func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.Version = versionLine()
	root.SetVersionTemplate("{{.Version}}\n")
	root.Flags().Bool("version", false, "print the version") // without the library's -v
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(
		a.listCommand(), a.runCommand(), a.plotCommand(), a.reportCommand(), a.compareCommand(), a.recommendCommand(),
		a.exportCommand(), a.mergeCommand(), a.historyCommand(), a.speedCommand(), a.verifyCommand(), a.doctorCommand(),
		a.versionCommand(), a.docsCommand(), a.trialCommand(),
	)
	root.InitDefaultCompletionCmd() // cobra adds it late otherwise, and lets it take any shell for help
	completion, _, _ := root.Find([]string{"completion"})
	completion.Args, completion.RunE = noSuchVerb, root.RunE
	return root
}

// noSuchVerb refuses arguments that are no verb, and suggests the nearest.
func noSuchVerb(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		hint = fmt.Sprintf(" (did you mean %q?)", near[0])
	}
	return usageErrorf("unknown command %q%s", args[0], hint)
}

// noArgs refuses arguments.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageErrorf("%s takes flags only, received %q", c.Name(), args[0])
	}
	return nil
}

// atMostOne refuses more than a run directory.
func atMostOne(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageErrorf("%s takes one run directory, received %d", c.Name(), len(args))
	}
	return nil
}

// needsTwo refuses all but two arguments, which it names.
func needsTwo(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 2 {
			return usageErrorf("%s needs %s, received %d", c.Name(), what, len(args))
		}
		return nil
	}
}

// notEmpty refuses flags that were given as nothing: a script whose variable is unset
// means something else than to leave the flag out.
func notEmpty(c *cobra.Command, names ...string) error {
	for _, name := range names {
		if flag := c.Flags().Lookup(name); flag.Changed && flag.Value.String() == "" {
			return usageErrorf("--%s: it is empty", name)
		}
	}
	return nil
}
