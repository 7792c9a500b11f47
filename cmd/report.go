package cmd

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/fanin-bench/fanin-bench/cmd/internal/output"
	"github.com/fanin-bench/fanin-bench/cmd/internal/rundir"
	"github.com/fanin-bench/fanin-bench/cmd/internal/terminal"
	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/plots"
	"github.com/fanin-bench/fanin-bench/plots/report"
)

func (a *app) reportCommand() *cobra.Command {
	var out string
	var volume output.Volume
	command := &cobra.Command{
		Use:   "report [RUN-DIRECTORY]",
		Short: "write a run as one HTML page that needs no other file and no network",
		Long: "report reads manifest.json and trials.ndjson of a run directory (default " + rundir.Latest() + ") and writes\n" +
			"one HTML file: the best strategy for each question and the certainty of the answer, guarantees,\n" +
			"figures, tables, failures, warnings, environment and data.",
		Example: "  fanin-bench report\n  fanin-bench report out/2026-01-31T10-00-00 --out page.html",
		Args:    usage.AtMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			if err := usage.NotEmpty(c, "out"); err != nil {
				return err
			}
			a := a.at(volume)
			run, err := a.openRun(args)
			if err != nil {
				return err
			}
			summary := a.summarize(run)
			pictures, err := plots.Draw(&run.Manifest, summary, plots.Figures())
			if err != nil {
				return err
			}
			path := cmp.Or(out, filepath.Join(run.Dir, report.IndexFile))
			if err := output.Write(path, a.stdout, func(w io.Writer) error { return report.Write(w, run, summary, pictures) }); err != nil {
				return fmt.Errorf("writing the page of %s: %w", terminal.Path(run.Dir), err)
			}
			if !output.IsStandard(path, a.stdout) {
				fmt.Fprintf(a.stderr, "the page is %s\n", terminal.Path(path))
			}
			return nil
		},
	}
	command.Flags().StringVarP(&out, "out", "o", "", "`file` to write; -: standard output (default: "+report.IndexFile+" in the run directory)")
	volume.RegisterQuiet(command.Flags(), "a page for standard output")
	return command
}
