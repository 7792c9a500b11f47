package cmd

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/fanin-bench/fanin-bench/cmd/internal/output"
	"github.com/fanin-bench/fanin-bench/cmd/internal/rundir"
	"github.com/fanin-bench/fanin-bench/cmd/internal/terminal"
	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/plots"
	"github.com/fanin-bench/fanin-bench/plots/report"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
)

func (a *app) plotCommand() *cobra.Command {
	var volume output.Volume
	command := &cobra.Command{
		Use:   "plot [RUN-DIRECTORY]",
		Short: "draw the figures, the page and the tables of a run again",
		Long: "plot reads manifest.json and trials.ndjson of a run directory (default " + rundir.Latest() + ") and makes\n" +
			"all its other files again: summaries, bench.txt, latency.hlog, figures, index.html.",
		Example: "  fanin-bench plot\n  fanin-bench plot out/2026-01-31T10-00-00",
		Args:    usage.AtMostOne,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := volume.Check(); err != nil {
				return err
			}
			a := a.at(volume)
			run, err := a.openRun(args)
			if err != nil {
				return err
			}
			summary, err := a.derive(run)
			if err != nil {
				return err
			}
			return errors.Join(a.draw(run, summary), a.sayDirectory(a.stdout, run.Dir))
		},
	}
	volume.Register(command.Flags())
	return command
}

// derive summarises a run and writes the files that follow from that.
func (a *app) derive(run *results.Run) (*results.Summary, error) {
	summary := a.summarize(run)
	return summary, results.WriteDerived(run, summary)
}

// draw makes the pictures of a run, of them the files and the page, and says where
// they are.
func (a *app) draw(run *results.Run, summary *results.Summary) error {
	pictures, err := plots.Draw(&run.Manifest, summary, plots.Figures())
	if err != nil {
		return err
	}
	files, err := pictures.Write(run.Dir, a.dpi)
	if err != nil {
		return err
	}
	if err := report.WriteIndex(run.Dir, run, summary, pictures); err != nil {
		return err
	}
	if a.volume.Verbose {
		for _, skipped := range pictures.Skipped {
			fmt.Fprintln(a.stderr, "not drawn:", skipped)
		}
	} else if n := len(pictures.Skipped); n > 0 {
		fmt.Fprintf(a.stderr, "not drawn: %s that this run has no data for (--verbose names them)\n", units.Plural(n, "figure"))
	}
	fmt.Fprintf(a.stderr, "%d pictures in %s; the page is %s\n",
		len(files), terminal.Path(filepath.Join(run.Dir, plots.Dir)), terminal.Path(filepath.Join(run.Dir, report.IndexFile)))
	return nil
}
