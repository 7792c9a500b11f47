package harness

import (
	"math"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// weightsOf returns each producer's share of a cell's messages; they add up to 1.
// It is nil where all are equal.
func weightsOf(cell results.Cell) []float64 {
	if cell.HotShare == 0 && cell.Zipf == 0 || cell.Producers == 1 {
		return nil
	}
	weights := make([]float64, cell.Producers)
	sum := 0.0
	for id := range weights {
		switch {
		case cell.Zipf > 0:
			weights[id] = math.Pow(float64(id+1), -cell.Zipf)
		case id == 0:
			weights[id] = cell.HotShare
		default:
			weights[id] = (1 - cell.HotShare) / float64(cell.Producers-1)
		}
		sum += weights[id]
	}
	for id := range weights {
		weights[id] /= sum
	}
	return weights
}

// quotasOf splits messages among a cell's producers by their weights; each gets at
// least one, and their sum is otherwise right.
func quotasOf(cell results.Cell, messages int64) []uint64 {
	weights := weightsOf(cell)
	if weights == nil {
		return share(messages, cell.Producers)
	}
	quotas := make([]uint64, len(weights))
	due, given := 0.0, 0.0
	for id, weight := range weights {
		due += weight * float64(messages)
		quotas[id] = uint64(max(1, math.Round(due-given)))
		given += math.Round(due - given)
	}
	return quotas
}

// pausing is a closed loop of messages whose producers pause after every so many.
type pausing struct {
	*messages
	length time.Duration
	every  uint64
}

func (d pausing) produce(p strategies.Producer[strategies.Message], id int, quota uint64) (t tally, err error) {
	w := d.writer(p, id)
	for from := uint64(0); from < quota && err == nil && !d.curfew.passed(); from += d.every {
		if from > 0 {
			time.Sleep(d.length)
		}
		err = w.sendRange(p, from, min(from+d.every, quota), &t)
	}
	return t, err
}

// shape gives a scenario's load cells the shapes of its load: who sends how much
// of it, and what comes between.
func shape(cells []results.Cell, s Scenario) []results.Cell {
	var shaped []results.Cell
	for _, cell := range cells {
		switch {
		case cell.Kind == results.KindProbe:
			shaped = append(shaped, cell)
			continue
		case cell.Arrival == ArrivalBurst:
			cell.BurstPeriodNs = int64(s.BurstPeriod)
		case cell.Arrival == ArrivalClosed:
			cell.PauseNs, cell.PauseEvery = int64(s.Pause.For), s.Pause.Every
		}
		if len(s.HotShare)+len(s.Zipf) == 0 {
			shaped = append(shaped, cell)
			continue
		}
		shaped = append(shaped, multiply([]results.Cell{cell}, s.HotShare, func(c *results.Cell, v float64) { c.HotShare = v })...)
		shaped = append(shaped, multiply([]results.Cell{cell}, s.Zipf, func(c *results.Cell, v float64) { c.Zipf = v })...)
	}
	return shaped
}

// maxZipf is an exponent at which the second producer sends a thousandth of what
// the first does.
const maxZipf = 10.0

// checkShape reports the first shape of a load that cannot be.
func checkShape(c results.Cell) error {
	switch {
	case !(c.HotShare >= 0 && c.HotShare < 1):
		return fieldErrorf("hot-share", "%v is not a share from 0 to below 1", c.HotShare)
	case !(c.Zipf >= 0 && c.Zipf <= maxZipf):
		return fieldErrorf("zipf", "%v is not in 0..%v", c.Zipf, maxZipf)
	case c.HotShare > 0 && c.Zipf > 0:
		return fieldErrorf("zipf", "an exponent of %v and a hot share of %v contradict each other: give one of them", c.Zipf, c.HotShare)
	case c.BurstPeriodNs > 0 && c.Arrival != ArrivalBurst:
		return fieldErrorf("burst-period", "arrival %q has no bursts", c.Arrival)
	case c.BurstPeriodNs < 0 || c.BurstPeriodNs > int64(MaxDuration):
		return fieldErrorf("burst-period", "%w", LimitOf("burst-period").Check(c.BurstPeriodNs))
	case c.PauseNs < 0 || c.PauseNs > int64(MaxDuration) || c.PauseEvery < 0 || (c.PauseNs > 0) != (c.PauseEvery > 0):
		return fieldErrorf("pause", "%v after %d messages is not a pause: give a duration and a count", time.Duration(c.PauseNs), c.PauseEvery)
	case c.PauseNs > 0 && c.Arrival != ArrivalClosed:
		return fieldErrorf("pause", "only producers of closed loops pause: an open loop sends each message when it is due")
	default:
		return nil
	}
}
