package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// report prints what there is, and keeps it in a text file beside the journal.
func (p *plan) report(entries []entry, out io.Writer) error {
	w := &bytes.Buffer{}
	p.write(w, entries)
	name := strings.TrimSuffix(p.journal, filepath.Ext(p.journal)) + ".txt"
	if err := os.WriteFile(name, w.Bytes(), 0o644); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%s", w)
	return err
}

// write writes what there is.
func (p *plan) write(w *bytes.Buffer, entries []entry) {
	mine := p.counted(entries)
	fmt.Fprintf(w, "machine: %s\n", p.machine)
	if other := len(entries) - len(mine); other > 0 {
		fmt.Fprintf(w, "not counted: %s of other machines or with other flags\n", units.Plural(other, "run"))
	}
	if versions := versionsOf(mine); versions != "" {
		day := func(e entry) string { return e.Started.Format(time.DateOnly) }
		fmt.Fprintf(w, "programs: %s, from %s to %s\n", versions, day(mine[0]), day(mine[len(mine)-1]))
	}
	p.reportSweeps(w, sweepsOf(mine))
	p.reportGates(w, mine)
	if n := p.left(mine); n > 0 {
		fmt.Fprintf(w, "\n%s to be made\n", units.Plural(n, "run"))
	}
}

// versionsOf counts the runs of each version.
func versionsOf(entries []entry) string {
	count := map[string]int{}
	for _, e := range entries {
		count[e.Version]++
	}
	var parts []string
	for _, version := range slices.Sorted(maps.Keys(count)) {
		parts = append(parts, fmt.Sprintf("%s (%s)", version, units.Plural(count[version], "run")))
	}
	return strings.Join(parts, ", ")
}

// wide is the half-width that an interval of a ratio is to have at most in nine cells of
// ten, apart how far a ratio of two runs may be from that of the other.
const (
	wide  = 0.10
	apart = 0.05
)

// reportSweeps prints how wide the intervals of ratios are, and how well the ratios repeat.
func (p *plan) reportSweeps(w io.Writer, sweeps []entry) {
	fmt.Fprintf(w, "\nintervals: %d of %s so far\n", len(sweeps), units.Plural(p.sweeps, "default run"))
	for _, e := range sweeps {
		fmt.Fprintf(w, "  %s of %s, %s%s\n", e.Name, e.Started.Format("2006-01-02 15:04"), took(e), failed(e.Failed))
		for _, inTurns := range ways {
			if widths := e.halfWidths(inTurns); len(widths) > 0 {
				fmt.Fprintf(w, "    %s: half-width of the 95 %% interval %s in the median, at most %s in %s of them\n",
					e.ratios(len(widths), inTurns), percent(*stat.Median(widths)), percent(wide), shareOf(widths, wide))
			}
		}
	}
	for i := 1; i < len(sweeps); i++ {
		before, after := sweeps[i-1], sweeps[i]
		fmt.Fprintf(w, "  %s and %s, %s apart\n", before.Name, after.Name, units.Plural(int(after.Started.Sub(before.Started).Minutes()), "minute"))
		for _, inTurns := range ways {
			if changes := before.changes(after, inTurns); len(changes) > 0 {
				fmt.Fprintf(w, "    %s: they differ by %s in the median, %s at most, and by at most %s in %s of them\n",
					before.ratios(len(changes), inTurns), percent(*stat.Median(changes)), percent(slices.Max(changes)), percent(apart), shareOf(changes, apart))
			}
		}
	}
}

// ways are those in which ratios are measured: in turns, and not.
var ways = []bool{true, false}

// ratios names some of a sweep's.
func (e *entry) ratios(n int, inTurns bool) string {
	way := ", not in turns"
	if inTurns {
		way = " in turns"
	}
	return units.Plural(n, "ratio") + " to " + e.Baseline + way
}

// halfWidths returns those of a sweep's intervals, as shares of the ratios. A ratio without
// an interval is as wide as can be.
func (e *entry) halfWidths(inTurns bool) (widths []float64) {
	for _, r := range e.Ratios {
		switch {
		case r.InTurns != inTurns:
		case !r.Bounded():
			widths = append(widths, math.Inf(1))
		default:
			widths = append(widths, (*r.Hi-*r.Lo)/2/r.Median)
		}
	}
	return widths
}

// changes returns by which share each ratio of a sweep differs in another one.
func (e *entry) changes(other entry, inTurns bool) (changes []float64) {
	for _, r := range e.Ratios {
		if r.InTurns != inTurns {
			continue
		}
		if i := slices.IndexFunc(other.Ratios, func(o ratio) bool { return o.Cell == r.Cell }); i >= 0 {
			o := other.Ratios[i]
			changes = append(changes, max(r.Median, o.Median)/min(r.Median, o.Median)-1)
		}
	}
	return changes
}

// limits are those of --fail-on, of which a gate of 0 is red for whatever is told to be worse.
var limits = []float64{0, 0.03, 0.05, 0.1}

// reportGates prints how many of the gate runs found what was slower, and how many ended
// how.
func (p *plan) reportGates(w io.Writer, entries []entry) {
	slower, same := gatesOf(entries, true), gatesOf(entries, false)
	fmt.Fprintf(w, "\ngate: runs of bench-ci that are red for a cell (with the exact 95 %% interval)\n")
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(columns, "  slower by\tmeasured\truns so far")
	for _, limit := range limits {
		fmt.Fprintf(columns, "\t--fail-on %s", percent(limit))
	}
	fmt.Fprintln(columns)
	for _, share := range p.shares {
		p.reportRow(columns, percent(share)+": found", measuredAt(slower, share), slower, func(e entry, strategy string) bool {
			return slices.ContainsFunc(e.Slower, func(s slowed) bool { return s.Strategy == strategy && s.Share == share })
		})
	}
	if len(p.shares) > 0 {
		p.reportRow(columns, "another cell", "", slower, func(e entry, strategy string) bool {
			return !slices.ContainsFunc(e.Slower, func(s slowed) bool { return s.Strategy == strategy })
		})
	}
	p.reportRow(columns, "nothing", "", same, func(entry, string) bool { return true })
	_ = columns.Flush() // into memory
	reportOutcomes(w, "some slower", slower)
	reportOutcomes(w, "nothing slower", same)
	for _, e := range entries {
		if e.Kind == kindGate && e.Failed > 0 {
			fmt.Fprintf(w, "  %s: %s failed\n", e.Name, units.Plural(e.Failed, "trial"))
			for _, why := range e.Why {
				fmt.Fprintf(w, "    %s\n", why)
			}
		}
	}
}

// reportRow prints of how many runs one of some strategies was told to be worse.
func (p *plan) reportRow(w io.Writer, name, measured string, runs []entry, of func(e entry, strategy string) bool) {
	fmt.Fprintf(w, "  %s\t%s\t%d of %d", name, measured, len(runs), p.gates)
	for _, limit := range limits {
		k := 0
		for _, e := range runs {
			if slices.ContainsFunc(e.Worse, func(l loss) bool { return l.Most > limit && of(e, l.Strategy) }) {
				k++
			}
		}
		fmt.Fprintf(w, "\t%s", proportion(k, len(runs)))
	}
	fmt.Fprintln(w)
}

// measuredAt writes by how much strategies that take longer by a share were measured to:
// the median, the least and the most.
func measuredAt(runs []entry, share float64) string {
	var measured []float64
	for _, e := range runs {
		for _, s := range e.Slower {
			if s.Share == share && s.Measured != nil {
				measured = append(measured, *s.Measured)
			}
		}
	}
	median := stat.Median(measured)
	if median == nil {
		return ""
	}
	return fmt.Sprintf("%s (%s to %s)", percent(*median), percent(slices.Min(measured)), percent(slices.Max(measured)))
}

// reportOutcomes prints how runs of bench-ci ended.
func reportOutcomes(w io.Writer, name string, runs []entry) {
	if len(runs) == 0 {
		return
	}
	count := map[int]int{}
	for _, e := range runs {
		count[e.Exit]++
	}
	fmt.Fprintf(w, "  outcomes, %s: %d no regression, %d regression, %d not decided\n", name, count[0], count[1], count[3])
}

// proportion writes how many of some runs did something.
func proportion(k, n int) string {
	p := stat.Proportion(k, n)
	if p == nil {
		return "-"
	}
	return fmt.Sprintf("%d: %.0f %% (%.0f to %.0f)", k, 100*p.Median, 100**p.Lo, 100**p.Hi)
}

// shareOf writes which share of some values are at most a limit.
func shareOf(values []float64, limit float64) string {
	n := 0
	for _, v := range values {
		if v <= limit {
			n++
		}
	}
	return fmt.Sprintf("%.0f %%", 100*float64(n)/float64(len(values)))
}

func percent(share float64) string {
	if math.IsInf(share, 0) {
		return "unknown"
	}
	return fmt.Sprintf("%.3g %%", 100*share)
}

func took(e entry) string { return time.Duration(e.WallNs).Round(time.Second).String() }

func failed(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %s failed", units.Plural(n, "trial"))
}
