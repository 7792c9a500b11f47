package doctor

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/montanaflynn/stats"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// Noise is what came of comparing a strategy with itself under two names, A and
// B. Every difference between them is noise of the machine.
type Noise struct {
	Cell  results.Cell `json:"cell"`
	Reps  int          `json:"reps"` // trials under each name
	Tries []AATrial    `json:"tries"`

	Differences int `json:"differences"` // tries that found one
	// SmallestEffect is the smallest relative difference that a comparison of Reps
	// repetitions can tell here: the median over tries of the distance from the
	// median of the ratios B/A to the farther bound of its interval, relative to
	// that median. A true difference shifts the interval by its own size, so one of
	// this size gets the interval off 1 about every other time; smaller ones are
	// missed more often than they are found.
	SmallestEffect float64 `json:"smallest_effect"`
}

// AATrial is one comparison of a strategy with itself.
type AATrial struct {
	A stat.Interval `json:"a_ns_per_msg"`
	B stat.Interval `json:"b_ns_per_msg"`
	// Ratio is the median over blocks of B's time per message over A's, with its
	// order-statistic interval. A and B run next to each other in a block, so a
	// machine that slows down over minutes does not widen it.
	Ratio   stat.Interval `json:"ratio"`
	P       float64       `json:"p"`       // see stat.Comparison
	Differs bool          `json:"differs"` // see stat.Paired.Differ
}

// compareAA compares times per message; a[i] and b[i] are of the same block.
func compareAA(a, b []float64) AATrial {
	compared := stat.ComparePaired(a, b)
	return AATrial{
		A: *stat.NewInterval(a), B: *stat.NewInterval(b), Ratio: compared.Ratio, P: compared.P,
		Differs: compared.Differ(),
	}
}

// noise compares the cell with itself as often as it was asked to.
func (d *Doctor) noise(ctx context.Context, cell results.Cell) (Noise, error) {
	n := Noise{Cell: cell, Reps: d.Reps}
	var spreads []float64
	for try := range d.Tries {
		d.step(fmt.Sprintf("%s against itself, %d trials (try %d of %d)", cell.Strategy, 2*d.Reps, try+1, d.Tries))
		a, b, err := d.twice(ctx, cell, uint64(try))
		if err != nil {
			return n, err
		}
		compared := compareAA(a, b)
		n.Tries = append(n.Tries, compared)
		if compared.Differs {
			n.Differences++
		}
		if spread, ok := compared.Ratio.Spread(); ok {
			spreads = append(spreads, spread)
		}
	}
	var err error
	if n.SmallestEffect, err = stats.Median(spreads); err != nil {
		return n, fmt.Errorf("finding the smallest effect: %w", err)
	}
	return n, nil
}

// twice measures the cell under two names, in blocks of one trial each whose
// order is random, and returns the times per message, in ns, by block.
func (d *Doctor) twice(ctx context.Context, cell results.Cell, try uint64) (a, b []float64, err error) {
	random := rand.New(rand.NewPCG(d.Seed, try))
	slots := make([]scenario.Slot, 0, 2*d.Reps)
	sides := make([]int, 0, 2*d.Reps) // of each slot
	for block := range d.Reps {
		for position, side := range random.Perm(2) {
			slots = append(slots, scenario.Slot{Cell: cell, Block: block, Position: position, Seed: scenario.SeedFrom(random)})
			sides = append(sides, side)
		}
	}
	values, err := d.measure(ctx, slots)
	if err != nil {
		return nil, nil, err
	}
	var by [2][]float64
	for i, v := range values {
		by[sides[i]] = append(by[sides[i]], v)
	}
	return by[0], by[1], nil
}

// floorReps is how often the floor is measured: enough for an interval.
const floorReps = stat.MinReps

// floor measures the harness floor, or returns nil if no strategy is one.
func (d *Doctor) floor(ctx context.Context) (*stat.Interval, error) {
	for _, s := range d.Known {
		if !s.Floor {
			continue
		}
		d.step("the harness floor")
		cell, err := d.cell(s.Name)
		if err != nil {
			return nil, err
		}
		slots := make([]scenario.Slot, floorReps)
		for i := range slots {
			slots[i] = scenario.Slot{Cell: cell, Block: i}
		}
		values, err := d.measure(ctx, slots)
		return stat.NewInterval(values), err
	}
	return nil, nil
}

// measure runs trials and returns their times per message, in ns. A failed one
// is an error: a machine on which trials fail cannot measure.
func (d *Doctor) measure(ctx context.Context, slots []scenario.Slot) ([]float64, error) {
	values := make([]float64, 0, len(slots))
	runner := harness.Runner{Command: d.Command, Build: machine.OwnID(), Known: d.Known, Isolation: harness.IsolationProcess, Done: func(t results.Trial) error {
		ns, delivered := results.NsPerMsg.Of(&t)
		switch {
		case t.Failure != nil:
			return fmt.Errorf("measuring %s: the trial failed: %s: %s", t.Cell.Strategy, t.Failure.Kind, t.Failure.Detail)
		case !delivered:
			return fmt.Errorf("measuring %s: the trial delivered nothing", t.Cell.Strategy)
		}
		values = append(values, ns)
		return nil
	}}
	err := runner.Run(ctx, slots)
	return values, err
}
