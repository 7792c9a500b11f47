package results

import (
	"fmt"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/results/units"
)

// maxStages bounds a pipeline.
const maxStages = 64

// stageSeparator stands between the stages of a cell: a comma would end a
// parameter in a benchmark name.
const stageSeparator = "+"

// JoinStages writes what the stages of a pipeline take as a cell does.
func JoinStages(costs []time.Duration) string {
	parts := make([]string, len(costs))
	for i, cost := range costs {
		parts[i] = units.InASCII(cost)
	}
	return strings.Join(parts, stageSeparator)
}

// StageCosts returns what each stage of the cell's pipeline takes per message, none
// if it has no stages or they cannot be read.
func (c Cell) StageCosts() []time.Duration {
	costs, _ := ParseStages(c.Stages)
	return costs
}

// ParseStages reads what JoinStages writes, and nothing else: equal pipelines are
// equal cells. Empty text is no stages.
func ParseStages(text string) ([]time.Duration, error) {
	if text == "" {
		return nil, nil
	}
	parts := strings.Split(text, stageSeparator)
	if len(parts) > maxStages {
		return nil, outside("number of stages", len(parts), 0, maxStages)
	}
	costs := make([]time.Duration, len(parts))
	for i, part := range parts {
		cost, err := time.ParseDuration(part)
		if err != nil || cost < 0 || cost > time.Hour {
			return nil, fmt.Errorf("%.40q is not a duration between 0s and 1h", part)
		}
		costs[i] = cost
	}
	if canonical := JoinStages(costs); canonical != text {
		return nil, fmt.Errorf("%.80q is to be written %q", text, canonical)
	}
	return costs, nil
}

func (c *Cell) validateStages() error {
	if _, err := ParseStages(c.Stages); err != nil {
		return fmt.Errorf("stages: %w", err)
	}
	return nil
}

func (m *Measurement) validateStages() error {
	if len(m.Stages) > maxStages+1 {
		return outside("number of stages", len(m.Stages), 0, maxStages+1)
	}
	for i, s := range m.Stages {
		if err := firstOutside(
			bounds{"cost_ns", s.CostNs, 0, maxNs},
			bounds{"messages", s.Messages, 0, maxCount},
			bounds{"elapsed_ns", s.ElapsedNs, 0, maxNs},
			bounds{"blocked_ns", orZero(s.BlockedNs), 0, maxNs},
		); err != nil {
			return fmt.Errorf("stage %d: %w", i, err)
		}
		if err := s.Backlog.validate(); err != nil {
			return fmt.Errorf("stage %d: %w", i, err)
		}
	}
	return nil
}
