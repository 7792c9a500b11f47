package cmd

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/cmd/internal/flagvalue"
	"github.com/fanin-bench/fanin-bench/cmd/internal/output"
	"github.com/fanin-bench/fanin-bench/cmd/internal/rundir"
	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/files"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// choiceFlags narrow down what a verb shows of a run.
type choiceFlags struct{ results.Choice }

func (f *choiceFlags) register(flags *pflag.FlagSet) {
	flags.Var(flagvalue.Names((*scenario.Strings)(&f.Strategies)), "strategies", "`names` of the strategies to show, comma separated")
	flags.Var(flagvalue.Ints((*scenario.Ints)(&f.Producers), "producers"), "producers", "`counts` of producers to show: 1,4,16 or 1..64 (doubling)")
}

type exportFlags struct {
	choiceFlags
	format, out string
	volume      output.Volume
}

func (a *app) exportCommand() *cobra.Command {
	flags := &exportFlags{}
	command := &cobra.Command{
		Use:   "export [RUN-DIRECTORY]",
		Short: "write a run or a part of it in the format of another tool",
		Long:  "export writes the measurements of a run (default: " + rundir.Latest() + ") in one of these formats:\n\n" + formatTable(),
		Example: "  fanin-bench export --format csv > summary.csv\n" +
			"  fanin-bench export out/latest --format benchfmt --strategies chan,lanes | benchstat -col /strategy -\n" +
			"  fanin-bench export --format hgrm --producers 16 --out percentiles",
		Args: usage.AtMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			if err := usage.NotEmpty(c, "out"); err != nil {
				return err
			}
			if flags.format == "" {
				return usage.Errorf("--format is missing (one of %s)", strings.Join(results.FormatNames(), ", "))
			}
			if !slices.Contains(results.FormatNames(), flags.format) {
				return usage.Errorf("--format: unknown format %q (one of %s)", flags.format, strings.Join(results.FormatNames(), ", "))
			}
			if timed := timedFormats(); c.Flags().Changed("times") && !slices.Contains(timed, flags.format) {
				return usage.Errorf("--times does not apply to --format %s (only to %s)", flags.format, strings.Join(timed, " and "))
			}
			a := a.at(flags.volume)
			run, err := a.openRun(args)
			if err != nil {
				return err
			}
			if err := flags.Check(&run.Manifest); err != nil {
				return usage.Errorf("choosing cells to export: %w", err)
			}
			return a.export(run, flags)
		},
	}
	f := command.Flags()
	f.StringVar(&flags.format, "format", "", "`format` to write: "+strings.Join(results.FormatNames(), ", "))
	f.StringVarP(&flags.out, "out", "o", "", "`file` to write, or directory for hgrm (default, and -: standard output)")
	f.Var(flagvalue.Names((*scenario.Strings)(&flags.Times)), "times", "`kinds` of times to write as hlog or hgrm: "+strings.Join(results.TimesNames(), ", "))
	flags.register(f)
	flags.volume.RegisterQuiet(f, "an export for standard output")
	return command
}

// formatTable lists the formats for the help.
func formatTable() string {
	var b strings.Builder
	for _, f := range results.Formats() {
		for i, line := range strings.Split(f.About, "\n") {
			name := ""
			if i == 0 {
				name = f.Name
			}
			fmt.Fprintf(&b, "  %-9s %s\n", name, line)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// timedFormats lists the formats that write times.
func timedFormats() []string {
	var names []string
	for _, f := range results.Formats() {
		if f.Timed {
			names = append(names, f.Name)
		}
	}
	return names
}

func (a *app) export(run *results.Run, flags *exportFlags) error {
	if flags.format == results.FormatPercentiles {
		return a.exportPercentiles(run, flags)
	}
	write := func(out io.Writer) error { return results.Export(out, run, flags.format, flags.Choice) }
	if err := output.Write(flags.out, a.stdout, write); err != nil {
		return fmt.Errorf("exporting %s as %s: %w", run.Dir, flags.format, err)
	}
	return nil
}

// exportPercentiles writes a file for each histogram, or the only one to
// standard output.
func (a *app) exportPercentiles(run *results.Run, flags *exportFlags) error {
	all, err := results.NewPercentiles(run, flags.Choice)
	if err != nil {
		return fmt.Errorf("exporting %s as %s: %w", run.Dir, flags.format, err)
	}
	if flags.out == "" || flags.out == output.Standard {
		if len(all) > 1 {
			return usage.Errorf("--format %s: the run has %d histograms, %s to %s: choose one with --strategies, --producers and --times, "+
				"or name a directory with --out for a file each", flags.format, len(all), all[0].Name, all[len(all)-1].Name)
		}
		return all[0].Write(a.stdout)
	}
	if err := files.MakeDir(flags.out); err != nil {
		return fmt.Errorf("exporting to --out: %w", err)
	}
	for _, p := range all {
		if err := files.Write(filepath.Join(flags.out, p.Name+"."+results.FormatPercentiles), p.Write); err != nil {
			return err
		}
	}
	fmt.Fprintf(a.stderr, "%s in %s, in µs\n", units.Plural(len(all), "file"), flags.out)
	return nil
}
