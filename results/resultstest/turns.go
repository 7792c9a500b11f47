package resultstest

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/fanin-bench/fanin-bench/results"
)

// turns makes up the slices of a trial that was measured as a whole: each turn has its
// share of the messages, and of the time what a disturbance of the turn, the same for
// the whole sitting, and one of the trial's own make of it.
func turns(c Config, m *results.Manifest, trial results.Trial) *results.Slices {
	name, number := sitting(m, trial.Cell)
	shared := rand.New(rand.NewPCG(c.Seed^uint64(number)<<32, uint64(trial.Block)))
	own := rand.New(rand.NewPCG(trial.Seed, 0x51ce))
	weights := make([]float64, c.Turns)
	sum := 0.0
	for i := range weights {
		weights[i] = math.Exp(0.2*shared.NormFloat64() + 0.02*own.NormFloat64())
		sum += weights[i]
	}
	messages, elapsed := make([]int64, c.Turns), make([]int64, c.Turns)
	manyLeft, nsLeft := trial.Measurement.Attempted, trial.Measurement.ElapsedNs
	for i := range weights[1:] {
		messages[i] = trial.Measurement.Attempted / int64(c.Turns)
		elapsed[i] = max(1, int64(float64(trial.Measurement.ElapsedNs)*weights[i]/sum))
		manyLeft, nsLeft = manyLeft-messages[i], nsLeft-elapsed[i]
	}
	messages[c.Turns-1], elapsed[c.Turns-1] = manyLeft, nsLeft
	return results.NewSlices(name, messages, elapsed)
}

// sitting names the cells that differ from one in nothing but the strategy and its
// bound, and numbers them.
func sitting(m *results.Manifest, cell results.Cell) (name string, number int) {
	seen := map[results.Cell]bool{}
	for _, other := range m.Cells {
		if anybodys(other) == anybodys(cell) {
			break
		}
		seen[anybodys(other)] = true
	}
	return fmt.Sprintf("sitting-%d", len(seen)), len(seen)
}

// anybodys is a cell without what is its strategy's own.
func anybodys(c results.Cell) results.Cell {
	c.Strategy, c.Capacity, c.CapacityOf, c.CapacityBytes, c.Policy, c.Lanes = "", 0, "", 0, "", 0
	return c
}
