package resultstest

import (
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// pipeline makes up what the stages of a pipeline did: each moves at the pace of the
// slowest, what is before that one is blocked and waits, what is after it does not.
func (k maker) pipeline(m *results.Measurement) {
	costs := k.cell.Stages.Costs()
	slowest := 0
	for i, cost := range costs {
		if cost > costs[slowest] {
			slowest = i
		}
	}
	room := k.cell.Capacity
	if room == 0 {
		room = 60
	}
	m.ElapsedNs = int64(float64(m.Delivered) * float64(costs[slowest]) * (1 + 0.01*float64(k.index)) * k.drift)
	m.Stages = []results.Stage{{Messages: m.Delivered, ElapsedNs: m.ElapsedNs, BlockedNs: new(m.ElapsedNs * int64(k.cell.Producers))}}
	for i, cost := range costs {
		stage := results.Stage{CostNs: int64(cost), Messages: m.Delivered, ElapsedNs: m.ElapsedNs, Backlog: level(0.1, 1)}
		if i <= slowest {
			stage.Backlog = level(float64(room)*(1-0.02*float64(k.index)), int64(room))
		}
		if i+1 < len(costs) {
			stage.BlockedNs = new(int64(0))
			if i < slowest {
				*stage.BlockedNs = int64(float64(m.ElapsedNs) * (1 - float64(cost)/float64(costs[slowest])))
			}
		}
		m.Stages = append(m.Stages, stage)
	}
}

// level makes up a backlog that goes up once and stays there.
func level(mean float64, highest int64) *results.Backlog {
	return &results.Backlog{Mean: mean, Max: highest, StepNs: 1e7, Series: stat.NewLevels(0, highest/2, highest, highest, highest-1, 0)}
}

// live makes up the memory of a trial under a limit, which one without a bound runs
// into.
func (k maker) live(t *results.Trial, limit int64) {
	const step, base = 20e6, 12 << 20
	memory := &results.Memory{StepNs: step}
	var series []int64
	bounded := k.cell.Capacity > 0 || k.index == 0
	for i := range int64(50) {
		bytes := base + min(i, 3)*(1<<20)
		if !bounded {
			bytes = base + i*int64(float64(limit)/12*(1+0.1*float64(k.index))*k.drift)
		}
		series = append(series, min(bytes, limit))
		memory.PeakBytes = max(memory.PeakBytes, min(bytes, limit))
		if bytes >= limit {
			t.Failure = &results.Failure{Kind: results.FailureMemory, Detail: "passed its memory limit"}
			t.Measurement = nil
			break
		}
	}
	memory.Series = stat.NewLevels(series...)
	t.Memory, t.WallNs = memory, int64(len(series))*step
}

// mix makes up the memory of a trial of mixed sizes: with a bound in bytes it stays flat, and
// otherwise it grows until a capacity of them waits.
func (k maker) mix(t *results.Trial) {
	memory := &results.Memory{StepNs: 20e6}
	var series []int64
	for i := range int64(50) {
		bytes := 30 + i%3 + int64(k.index)
		if k.cell.CapacityBytes == 0 {
			bytes += min(i*12, 370)
		}
		series = append(series, bytes<<20)
		memory.PeakBytes = max(memory.PeakBytes, bytes<<20)
	}
	memory.Series = stat.NewLevels(series...)
	t.Memory = memory
}
