package cmd

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fanin-bench/fanin-bench/cmd/internal/flagvalue"
	"github.com/fanin-bench/fanin-bench/cmd/internal/output"
	"github.com/fanin-bench/fanin-bench/cmd/internal/rundir"
	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/merge"
	"github.com/fanin-bench/fanin-bench/results/units"
)

func (a *app) mergeCommand() *cobra.Command {
	var out string
	var machines []string
	var volume output.Volume
	command := &cobra.Command{
		Use:   "merge RUN-DIRECTORY RUN-DIRECTORY... --out DIRECTORY",
		Short: "merge the runs of several machines, or the shards of a plan",
		Long: "merge makes one run directory from several. Shards of a plan (run --shard) from equal machines become\n" +
			"one run. Results of different machines stay apart in every table and figure, under a name made from\n" +
			"the processor. Doubts go into the manifest as warnings.",
		Example: "  fanin-bench run --seed 7 --shard 1/2 --out a   (and elsewhere: --shard 2/2 --out b)\n" +
			"  fanin-bench merge a b --out whole\n" +
			"  fanin-bench merge laptop server --machines laptop,server --out both",
		RunE: func(c *cobra.Command, dirs []string) error {
			if err := volume.Check(); err != nil {
				return err
			}
			switch {
			case len(dirs) < 2:
				return usage.Errorf("merge needs two or more run directories, received %d", len(dirs))
			case out == "":
				return usage.Errorf("--out is missing: name a directory for the merged run")
			case c.Flags().Changed("machines") && len(machines) != len(dirs):
				return usage.Errorf("--machines: %d run directories need a name each, received %d", len(dirs), len(machines))
			}
			if err := output.CheckDirectory(out); err != nil {
				return err
			}
			for _, name := range machines {
				if err := results.CheckMachine(name); err != nil {
					return usage.Errorf("--machines: %w", err)
				}
			}
			return a.at(volume).merge(dirs, machines, out)
		},
	}
	command.Flags().StringVarP(&out, "out", "o", "", "`directory` for the merged run, new or empty")
	volume.Register(command.Flags())
	command.Flags().Var(flagvalue.Names((*scenario.Strings)(&machines)), "machines",
		"`names` of the machines, one for each run directory; they keep even equal machines apart")
	return command
}

func (a *app) merge(dirs, machines []string, out string) error {
	runs := make([]*results.Run, len(dirs))
	for i, dir := range dirs {
		var err error
		if runs[i], err = rundir.Open(dir); err != nil {
			return err
		}
	}
	run, err := merge.Runs(runs, machines)
	if err != nil {
		return err
	}
	if err := run.Store(out); err != nil {
		return err
	}
	summary, err := a.derive(run)
	if err != nil {
		return err
	}
	for _, warning := range run.Manifest.Warnings {
		fmt.Fprintln(a.stderr, "warning:", warning)
	}
	fmt.Fprintf(a.stderr, "%s, %s, %s\n", units.Plural(len(runs), "run"), units.Plural(len(run.Manifest.Cells), "cell"),
		units.Plural(len(run.Trials), "trial"))
	return errors.Join(a.draw(run, summary), a.sayDirectory(a.stdout, out))
}
