package cmd

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/fanin-bench/fanin-bench/cmd/internal/rundir"
	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// speedGoal is a ratio of throughputs that is to be reached.
type speedGoal struct {
	title string
	best  []string // of these, whichever is fastest
	batch int      // items per send of theirs
	over  string   // compared with this one's single sends; empty: the run's baseline's
	marks []speedMark
}

// speedMark is a goal's ratio at a number of producers: below reach it is missed,
// and aim is the target.
type speedMark struct {
	producers  int
	reach, aim float64
}

// speedGoals are what the lanes are built to reach, on any machine: 8-byte items,
// GOMAXPROCS of all cores, a channel with at least the same capacity in total.
var speedGoals = []speedGoal{
	{
		"best unbounded lanes, single Send", unboundedLanes, 1, "",
		[]speedMark{{1, 5, 8}, {16, 10, 16}, {1000, 12, 18}, {10_000, 6, 10}},
	},
	{
		"best bounded lanes, single Send, blocking", boundedLanes, 1, "",
		[]speedMark{{1, 6, 10}, {16, 12, 20}, {1000, 10, 16}, {10_000, 6, 10}},
	},
	{
		"any lanes, batches of 32", allLanes, 32, "",
		[]speedMark{{1, 20, 30}, {16, 30, 45}, {1000, 25, 40}, {10_000, 15, 25}},
	},
	{
		"any lanes over xsync-umpsc, single Send", allLanes, 1, "xsync-umpsc",
		[]speedMark{{16, 2.5, 4}, {1000, 2.5, 4}},
	},
}

// base returns the strategy that the goal compares with in a run.
func (g speedGoal) base(m *results.Manifest) string { return cmp.Or(g.over, m.Baseline()) }

var (
	unboundedLanes = []string{"lanes", "lanes-linked"}
	boundedLanes   = []string{"lanes-ring"}
	allLanes       = slices.Concat(unboundedLanes, boundedLanes)
)

func (a *app) speedCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "speed [RUN-DIRECTORY]",
		Short: "compare a run's ratios with the goals for the lanes",
		Long: "speed reads a run directory (default " + rundir.Latest() + ") and compares the lanes with a channel. Beside each\n" +
			"goal it prints the ratio of the throughputs: the median over blocks of the ratio within a block, with\n" +
			"its 95 % bootstrap interval. Then it does so for a Sender, a Reader and a Writer, for receives of one\n" +
			"item by each strategy, and for sends that drop. The scenario speed measures the necessary cells. speed is\n" +
			"a report: it exits 0 whether or not the goals are reached.",
		Example: "  fanin-bench run --scenario speed\n  fanin-bench speed",
		Args:    usage.AtMostOne,
		RunE: func(_ *cobra.Command, args []string) error {
			run, err := a.openRun(args)
			if err != nil {
				return err
			}
			return printSpeed(a.stdout, run)
		},
	}
}

// printSpeed prints a table for each set of conditions, the capacity of the
// channel among them, under which the run has the baseline.
func printSpeed(out io.Writer, run *results.Run) error {
	sets := speedConditions(&run.Manifest)
	if len(sets) == 0 {
		return fmt.Errorf("reading the speed of %q: it has no closed loop of single sends through %q: make one with fanin-bench run --scenario speed",
			run.Dir, run.Manifest.Baseline())
	}
	fmt.Fprintf(out, "%s\n%s\nthe baseline is %s\n", run.Dir, results.Headline(&run.Manifest), run.Manifest.Baseline())
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, conditions := range sets {
		fmt.Fprintf(w, "\n%s\n", conditions.Label(results.Parameters(), " "))
		fmt.Fprintln(w, "GOAL\tPRODUCERS\tFASTEST\tRATIO\t95 % INTERVAL\tBLOCKS\tREACH\tAIM\tVERDICT\tFLOOR")
		for _, goal := range speedGoals {
			for _, mark := range goal.marks {
				fmt.Fprintln(w, strings.Join(speedRow(run, conditions, goal, mark), "\t"))
			}
		}
	}
	printUses(w, run)
	fmt.Fprintln(w, "\nFLOOR is the ratio of null, which carries nothing: the highest ratio that the harness can show.")
	if missing := speedMissing(&run.Manifest); len(missing) > 0 {
		fmt.Fprintln(w, "missing in this run:", strings.Join(missing, ", "))
	}
	return w.Flush()
}

// speedConditions returns the distinct conditions under which the run has the
// baseline's single sends of 8-byte items, as cells without strategy and
// producers.
func speedConditions(m *results.Manifest) []results.Cell {
	var sets []results.Cell
	baseline, plain := m.Baseline(), use{sendBatch: 1}
	if !slices.ContainsFunc(m.Cells, func(c results.Cell) bool { return c.Strategy == baseline && useOf(c) == plain }) {
		plain.oneByOne = true // a run of nothing else
	}
	for _, c := range m.Cells {
		if c.Strategy != baseline || !c.IsClosed() || c.SendBatch != 1 || c.Payload != results.MinPayload ||
			c.Policy != strategies.Block.String() || useOf(c) != plain {
			continue
		}
		if c.Strategy, c.Producers = "", 0; !slices.Contains(sets, c) {
			sets = append(sets, c)
		}
	}
	return sets
}

// speedRow returns the columns of a goal at one number of producers.
func speedRow(run *results.Run, conditions results.Cell, goal speedGoal, mark speedMark) []string {
	conditions.Producers = mark.producers
	var fastest *stat.Interval
	var ratios stat.Pairs
	name, verdict := "-", "missing"
	for _, candidate := range goal.best {
		r := speedRatios(run, conditions, candidate, goal)
		if i := r.Bootstrap(run.Manifest.Seed); i != nil && (fastest == nil || i.Median > fastest.Median) {
			fastest, ratios, name = i, r, candidate
		}
	}
	ratio, interval, blocks := "-", "-", "-"
	if fastest != nil {
		ratio, blocks, verdict = fmt.Sprintf("%.2fx", fastest.Median), strconv.Itoa(ratios.Len()), mark.verdict(fastest.Median)
		if fastest.Lo != nil && fastest.Hi != nil {
			interval = fmt.Sprintf("%.2f..%.2f", *fastest.Lo, *fastest.Hi)
		}
	}
	floor := "-"
	for _, s := range run.Manifest.Strategies {
		if i := speedRatios(run, conditions, s.Name, goal).Bootstrap(run.Manifest.Seed); s.Floor && i != nil {
			floor = fmt.Sprintf("%.1fx", i.Median)
		}
	}
	return []string{
		goal.title, strconv.Itoa(mark.producers), name, ratio, interval, blocks,
		fmt.Sprintf("%gx", mark.reach), fmt.Sprintf("%gx", mark.aim), verdict, floor,
	}
}

// speedRatios pairs a strategy's throughput with that of what the goal compares
// with; there are none if the run lacks either.
func speedRatios(run *results.Run, conditions results.Cell, strategy string, goal speedGoal) stat.Pairs {
	m := &run.Manifest
	return run.Ratios(cellUnder(m, conditions, strategy, goal.batch), cellUnder(m, conditions, goal.base(m), 1))
}

// cellUnder returns the cell that a strategy has under these conditions, less
// what concerns bounded strategies only if it is none.
func cellUnder(m *results.Manifest, conditions results.Cell, strategy string, batch int) results.Cell {
	conditions.Strategy, conditions.SendBatch = strategy, batch
	if s := m.Strategy(strategy); s != nil && s.Bound == strategies.Unbounded.String() {
		conditions.Capacity, conditions.CapacityOf, conditions.Policy = 0, "", ""
	}
	return conditions
}

func (k speedMark) verdict(ratio float64) string {
	switch {
	case ratio >= k.aim:
		return "aim"
	case ratio >= k.reach:
		return "reached"
	default:
		return "short"
	}
}

// speedMissing returns the strategies that the goals are about and the run does
// not have.
func speedMissing(m *results.Manifest) []string {
	var missing []string
	for _, goal := range speedGoals {
		for _, name := range append(slices.Clone(goal.best), goal.base(m)) {
			if m.Strategy(name) == nil && !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
		}
	}
	return missing
}
