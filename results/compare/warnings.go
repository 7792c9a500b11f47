package compare

import (
	"fmt"
	"maps"
	"slices"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/sheet"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// warn says what a reader should know before trusting the comparison.
func (c *comparer) warn() {
	for _, side := range []struct {
		name string
		run  *compared
	}{{"BASE", c.base}, {"NEW", c.next}} {
		for _, text := range append(side.run.summary.FailedCells(), side.run.summary.Warnings...) {
			c.Warnings = append(c.Warnings, side.name+": "+sheet.OneLine(text))
		}
	}
	for _, more := range []string{c.uncompared(), c.powerless(), c.floorChanged()} {
		if more != "" {
			c.Warnings = append(c.Warnings, more)
		}
	}
	c.Warnings = append(c.Warnings, c.excused()...)
}

// uncompared tells which cells have nothing measured on a side.
func (d *Diff) uncompared() string {
	var labels []string
	for _, c := range d.Cells {
		if len(c.Metrics) == 0 && !c.ended {
			labels = append(labels, c.Label)
		}
	}
	if len(labels) == 0 {
		return ""
	}
	return "not compared, because one of the runs has no measurement: " + results.Naming(labels)
}

// powerless tells for how many comparisons no outcome would have been significant.
func (d *Diff) powerless() string {
	family := d.family(true)
	small := 0
	for _, m := range family {
		if min(m.BaseN, m.NewN) < stat.MinReps || stat.LeastP(m.BaseN, m.NewN)*float64(len(family)) >= stat.Alpha {
			small++
		}
	}
	if small == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d gating comparisons cannot be decided with their few repetitions: "+
		"this number of comparisons needs %d, and small differences need more", small, len(family), enoughReps(len(family)))
}

// excused tells which comparisons do not gate although others by the same metric
// do, and why.
func (d *Diff) excused() []string {
	about := map[string][]string{}
	for _, c := range d.Cells {
		for _, m := range c.Metrics {
			if m.Excused != "" && m.Excused != excusedFloor {
				about[m.Excused] = append(about[m.Excused], c.Label)
			}
		}
	}
	var lines []string
	for _, why := range slices.Sorted(maps.Keys(about)) {
		lines = append(lines, fmt.Sprintf("does not gate, because %s: %s", why, results.Naming(slices.Compact(about[why]))))
	}
	return lines
}

// floorChanged tells if the harness itself may be what changed.
func (d *Diff) floorChanged() string {
	for _, c := range d.Cells {
		for _, m := range c.Metrics {
			if m.Excused == excusedFloor && m.Verdict != Undecided {
				return fmt.Sprintf("the harness floor changed (%s): other changes may be the harness's own", c.Label)
			}
		}
	}
	return ""
}
