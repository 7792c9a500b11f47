package cmd

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fanin-bench/fanin-bench/cmd/internal/output"
	"github.com/fanin-bench/fanin-bench/cmd/internal/rundir"
	"github.com/fanin-bench/fanin-bench/cmd/internal/terminal"
	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/plots"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/files"
	"github.com/fanin-bench/fanin-bench/results/history"
)

type historyFlags struct {
	choiceFlags
	out    string
	json   bool
	volume output.Volume
}

func (a *app) historyCommand() *cobra.Command {
	flags := &historyFlags{}
	command := &cobra.Command{
		Use:   "history [RUN-DIRECTORY...]",
		Short: "follow every cell through many runs",
		Long: "history sorts runs (default: all in " + rundir.Out + ") by their start. It shows the median of each cell with its\n" +
			"interval, run by run, and the changes of the environment between them. Days differ: only compare,\n" +
			"or one run, can show that a strategy became slower.",
		Example: "  fanin-bench history\n" +
			"  fanin-bench history nightly/* --strategies chan,lanes --producers 16\n" +
			"  fanin-bench history nightly/* --out figures",
		RunE: func(c *cobra.Command, dirs []string) error {
			if err := cmp.Or(usage.NotEmpty(c, "out"), output.CheckDirectory(flags.out)); err != nil {
				return err
			}
			a := a.at(flags.volume)
			runs, err := a.openAll(dirs)
			if err != nil {
				return err
			}
			history, err := history.New(runs, flags.Choice)
			if err != nil && len(flags.Strategies)+len(flags.Producers) > 0 {
				return usage.Errorf("following --strategies and --producers: %w", err)
			}
			if err != nil {
				return fmt.Errorf("following the runs: %w", err)
			}
			return a.history(history, flags)
		},
	}
	f := command.Flags()
	flags.register(f)
	f.StringVarP(&flags.out, "out", "o", "", "also draw figures into this `directory`")
	f.BoolVar(&flags.json, "json", false, "print everything as JSON")
	flags.volume.RegisterQuiet(f, "the tables")
	return command
}

// openAll opens the directories that were named, each of which must be a run, or
// those in out that are.
func (a *app) openAll(dirs []string) ([]*results.Run, error) {
	named := len(dirs) > 0
	if !named {
		manifests, err := filepath.Glob(filepath.Join(rundir.Out, "*", results.ManifestFile))
		if err != nil {
			return nil, err
		}
		for _, manifest := range manifests {
			dirs = append(dirs, filepath.Dir(manifest))
		}
	}
	var runs []*results.Run
	seen := make(map[string]bool)
	for _, dir := range dirs {
		// Latest is one of the others.
		if path, err := filepath.EvalSymlinks(dir); err == nil {
			if seen[path] {
				continue
			}
			seen[path] = true
		}
		run, err := a.openRun([]string{dir})
		if err != nil && named {
			return nil, err
		}
		if err != nil {
			fmt.Fprintf(a.stderr, "warning: run left out: %v\n", err)
			continue
		}
		runs = append(runs, run)
	}
	if len(runs) < 2 {
		return nil, usage.Errorf("history needs two or more run directories, received %d", len(runs))
	}
	return runs, nil
}

func (a *app) history(h *history.History, flags *historyFlags) error {
	if flags.json {
		if err := terminal.WriteJSON(a.stdout, h); err != nil {
			return fmt.Errorf("printing the history: %w", err)
		}
	} else if err := printHistory(a.stdout, h); err != nil {
		return fmt.Errorf("printing the history: %w", err)
	}
	if flags.out == "" {
		return nil
	}
	if err := files.MakeDir(flags.out); err != nil {
		return fmt.Errorf("drawing into --out: %w", err)
	}
	files, err := plots.WriteHistory(h, flags.out)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "%d pictures in %s\n", len(files), terminal.Path(flags.out))
	return nil
}

// maxRunColumns is how many runs get a column: the first, and the latest. The
// trend has all.
const maxRunColumns = 5

func printHistory(out io.Writer, h *history.History) error {
	p := terminal.NewPage(out)
	p.Heading("Runs", "in the order in which they began")
	labelled := slices.ContainsFunc(h.Runs, func(r history.PastRun) bool { return r.Label != "" })
	rows := [][]terminal.Cell{runRow(labelled, "", "started", "version", "directory", "label", "changed since the run before")}
	for i, run := range h.Runs {
		row := runRow(labelled, fmt.Sprintf("#%d", i+1), run.Started.UTC().Format("2006-01-02 15:04"), run.Version, run.Dir, run.Label,
			strings.Join(run.Changes, ", "))
		row[len(row)-1].Style = terminal.Yellow
		rows = append(rows, row)
	}
	p.Table(len(rows[0]), rows)
	last := len(h.Runs) - 1
	columns := []int{0}
	for i := max(1, last-maxRunColumns+2); i <= last; i++ {
		columns = append(columns, i)
	}
	if hidden := len(h.Runs) - len(columns); hidden > 0 {
		which := "#2"
		if hidden > 1 {
			which = fmt.Sprintf("#2 to #%d", hidden+1)
		}
		p.Text(terminal.Yellow, fmt.Sprintf("The tables have no column for %s: the trend has all runs, as --json does.\n", which))
	}
	for _, metric := range h.Metrics {
		p.Text(terminal.Plain, "\n")
		p.Heading(metric.Title(), "median over repetitions; ± is the farther end of the 95 % interval; ~ where intervals overlap or are missing")
		head := terminal.Cells("", "producers", "trend")
		for _, i := range columns {
			head = append(head, terminal.Cell{Text: fmt.Sprintf("#%d", i+1)})
		}
		rows := [][]terminal.Cell{append(head, terminal.Cell{Text: "last over first"})}
		label := metric.Label()
		for _, c := range metric.Cells {
			row := terminal.Cells(label(c.Cell), strconv.Itoa(c.Producers), terminal.Sparkline(c.Points))
			row[2].Style = terminal.Cyan
			for _, i := range columns {
				row = append(row, terminal.Cell{Text: cmp.Or(c.Points[i].WithSpread(metric.Quantity.Unit.Short), "-")})
			}
			rows = append(rows, append(row, terminal.Cell{Text: cmp.Or(c.Change(0, last), "-")}))
		}
		p.Table(1, rows)
	}
	return p.Flush()
}

// runRow is a row of the table of runs; there is a column of labels only if any has one.
func runRow(labelled bool, number, started, version, dir, label, changes string) []terminal.Cell {
	if labelled {
		return terminal.Cells(number, started, version, dir, label, changes)
	}
	return terminal.Cells(number, started, version, dir, changes)
}
