package cmd

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/plots/report"
)

func (a *app) reportCommand() *cobra.Command {
	var out string
	command := &cobra.Command{
		Use:   "report [RUN-DIRECTORY]",
		Short: "write a run as one page that needs no other file and no network",
		Long: "report reads manifest.json and trials.ndjson of a run directory (default " + latest() + ") and\n" +
			"writes one HTML file: which strategy answers which question best and how sure that is,\n" +
			"what each guarantees, figures, tables, failures, warnings, environment and the data.",
		Example: "  fanin-bench report\n  fanin-bench report out/2026-01-31T10-00-00 --out page.html",
		Args:    usage.AtMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			if err := usage.NotEmpty(c, "out"); err != nil {
				return err
			}
			run, err := a.openRun(args)
			if err != nil {
				return err
			}
			path := cmp.Or(out, filepath.Join(run.Dir, report.IndexFile))
			if err := a.write(path, func(w io.Writer) error { return report.Write(run, w) }); err != nil {
				return fmt.Errorf("writing the page of %s: %w", run.Dir, err)
			}
			if !a.toStdout(path) {
				fmt.Fprintf(a.stderr, "the page is %s\n", path)
			}
			return nil
		},
	}
	command.Flags().StringVarP(&out, "out", "o", "", "`file` to write; -: standard output (default: "+report.IndexFile+" in the run directory)")
	return command
}
