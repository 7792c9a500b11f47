package cmd

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fanin-bench/fanin-bench/cmd/internal/output"
	"github.com/fanin-bench/fanin-bench/cmd/internal/rundir"
	"github.com/fanin-bench/fanin-bench/cmd/internal/terminal"
	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/plots"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/compare"
)

// compareFlags is what the compare verb can be told.
type compareFlags struct {
	choiceFlags
	format         string
	out            string
	figure         string
	failOn         string
	allowDifferent bool
}

// comparisonFormats are what a comparison can be written as; the first is the
// default.
var comparisonFormats = []struct {
	name  string
	write func(*compare.Diff, io.Writer) error
}{
	{"text", (*compare.Diff).WriteText},
	{"markdown", (*compare.Diff).WriteMarkdown},
	{"json", (*compare.Diff).WriteJSON},
}

func (a *app) compareCommand() *cobra.Command {
	flags := &compareFlags{}
	command := &cobra.Command{
		Use:   "compare BASE NEW",
		Short: "compare two runs, and fail on a regression",
		Long: "compare reads two run directories and compares every cell that both have. It prints the ratio of NEW to\n" +
			"BASE with its 95 % interval, and the p value of a test (docs/CI.md), corrected by Holm's method for the\n" +
			"number of comparisons. A difference counts if the corrected p is below 0.05 and the interval excludes no\n" +
			"change; every other result is shown as ~. Throughput of closed loops and response time (p50, p99) of open\n" +
			"loops gate a verdict; saturation, wake latency, CPU, memory and allocations are shown beside them.\n" +
			"\n" +
			"--fail-on asks for a verdict. Exit 1, regression: a gating metric became worse, and its interval does\n" +
			"not exclude a larger loss than the given share. Exit 0, no regression: the conditions are the same, every\n" +
			"gating metric was compared, and every interval excludes a larger loss. Exit 3, not decided or not comparable: the\n" +
			"last line names the missing evidence. Few repetitions, a noisy machine, failed trials and cells that NEW lacks\n" +
			"decide nothing.\n" +
			"\n" +
			"Two runs in succession also differ by changes of the machine between them: run --against measures two\n" +
			"programs in turns.",
		Example: "  fanin-bench run --against /tmp/old/fanin-bench --out out/new\n" +
			"  fanin-bench compare out/new-base out/new --fail-on 5%\n" +
			"  fanin-bench compare out/monday out/latest --format markdown --figure out/monday-latest\n" +
			"  fanin-bench compare out/monday out/latest --strategies lanes,lanes-ring --producers 16 --fail-on 10%",
		Args: usage.Two("two run directories, BASE and NEW"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := usage.NotEmpty(c, "out", "figure", "fail-on"); err != nil {
				return err
			}
			if flags.figure == output.Standard {
				return usage.Errorf("--figure: two files are written, and %q is standard output", flags.figure)
			}
			if flags.allowDifferent && flags.failOn == "" {
				return usage.Errorf("--allow-different needs --fail-on")
			}
			return a.compare(flags, args[0], args[1])
		},
	}
	f := command.Flags()
	f.StringVar(&flags.format, "format", comparisonFormats[0].name, "`"+strings.Join(comparisonFormatNames(), "|")+"`: output format")
	f.StringVarP(&flags.out, "out", "o", "", "`file` to write (default, and -: standard output)")
	f.StringVar(&flags.figure, "figure", "", "also draw a figure, as `file`.svg and file.png")
	f.StringVar(&flags.failOn, "fail-on", "",
		"exit 1 on a change for the worse that may be more than this `share`, as in 5%, and 3 if neither that nor its absence is shown")
	f.BoolVar(&flags.allowDifferent, "allow-different", false, "give a verdict although machine, runtime or settings differ")
	flags.register(f)
	return command
}

func (a *app) compare(flags *compareFlags, base, next string) error {
	write, err := comparisonFormat(flags.format)
	if err != nil {
		return err
	}
	share, err := parseShare(flags.failOn)
	if err != nil {
		return usage.Errorf("--fail-on: %w", err)
	}
	diff, err := openBoth(base, next, flags.Choice)
	if err != nil {
		return err
	}
	var verdict error
	if flags.failOn != "" {
		verdict = diff.CloseOn(share, flags.allowDifferent)
	}
	// What was found is written whatever it is: the one who is told that it failed,
	// or that nothing was decided, wants to see why.
	if err := a.writeComparison(diff, flags, write); err != nil {
		return err
	}
	return verdict
}

func comparisonFormatNames() []string {
	var names []string
	for _, f := range comparisonFormats {
		names = append(names, f.name)
	}
	return names
}

func comparisonFormat(name string) (func(*compare.Diff, io.Writer) error, error) {
	for _, f := range comparisonFormats {
		if f.name == name {
			return f.write, nil
		}
	}
	return nil, usage.Errorf("--format: unknown format %q (one of %s)", name, strings.Join(comparisonFormatNames(), ", "))
}

// parseShare reads "5%" or "0.05"; nothing is 0.
func parseShare(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	number, isPercent := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if isPercent {
		share /= 100
	}
	if err != nil || math.IsNaN(share) || share < 0 || share >= 1 {
		return 0, fmt.Errorf("%q is not a share from 0%% to below 100%%, such as 5%% or 0.05", text)
	}
	return share, nil
}

// openBoth compares two run directories, which must not be the same.
func openBoth(base, next string, choice results.Choice) (*compare.Diff, error) {
	if sameFile(base, next) {
		return nil, usage.Errorf("comparing two runs: BASE %q and NEW %q are the same directory", base, next)
	}
	b, err := rundir.Open(base)
	if err != nil {
		return nil, err
	}
	n, err := rundir.Open(next)
	if err != nil {
		return nil, err
	}
	if err := choice.CheckBoth(&b.Manifest, &n.Manifest); err != nil {
		return nil, usage.Errorf("choosing cells to compare: %w", err)
	}
	return compare.Runs(b, n, choice)
}

// sameFile reports whether two paths lead to the same directory. What is wrong with one
// of them is told when it is opened.
func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

func (a *app) writeComparison(diff *compare.Diff, flags *compareFlags, write func(*compare.Diff, io.Writer) error) error {
	if flags.figure != "" {
		files, err := plots.WriteComparison(diff, strings.TrimSuffix(strings.TrimSuffix(flags.figure, ".svg"), ".png"))
		if errors.Is(err, plots.ErrNoData) {
			fmt.Fprintln(a.stderr, "not drawn:", err)
		} else if err != nil {
			return err
		}
		for _, file := range files {
			fmt.Fprintln(a.stderr, "drawn:", terminal.Path(file))
		}
	}
	if err := output.Write(flags.out, a.stdout, func(w io.Writer) error { return write(diff, w) }); err != nil {
		return fmt.Errorf("printing the comparison: %w", err)
	}
	return nil
}
