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

// Stages is what the stages of a pipeline take per message. It is comparable: equal
// pipelines are equal values. The zero value is no pipeline.
type Stages struct {
	text string // the one way to write it
}

// NewStages returns the stages that take so long, each at least 0.
func NewStages(costs ...time.Duration) Stages {
	parts := make([]string, len(costs))
	for i, cost := range costs {
		parts[i] = units.InASCII(cost)
	}
	return Stages{strings.Join(parts, stageSeparator)}
}

// ParseStages reads what String writes, and nothing else. Empty text is no stages.
func ParseStages(text string) (Stages, error) {
	if text == "" {
		return Stages{}, nil
	}
	parts := strings.Split(text, stageSeparator)
	if len(parts) > maxStages {
		return Stages{}, outside("number of stages", len(parts), 0, maxStages)
	}
	costs := make([]time.Duration, len(parts))
	for i, part := range parts {
		cost, err := time.ParseDuration(part)
		if err != nil || cost < 0 || cost > time.Hour {
			return Stages{}, fmt.Errorf("%.40q is not a duration between 0s and 1h", part)
		}
		costs[i] = cost
	}
	stages := NewStages(costs...)
	if stages.text != text {
		return Stages{}, fmt.Errorf("%.80q is to be written %q", text, stages)
	}
	return stages, nil
}

// IsZero reports whether there is no pipeline.
func (s Stages) IsZero() bool { return s.text == "" }

// String writes the stages, as in 10ms+50ms.
func (s Stages) String() string { return s.text }

// Costs returns what each stage takes per message, none of no pipeline.
func (s Stages) Costs() []time.Duration {
	if s.IsZero() {
		return nil
	}
	var costs []time.Duration
	for part := range strings.SplitSeq(s.text, stageSeparator) {
		cost, _ := time.ParseDuration(part) // it was written by NewStages
		costs = append(costs, cost)
	}
	return costs
}

// MarshalText implements encoding.TextMarshaler.
func (s Stages) MarshalText() ([]byte, error) { return []byte(s.text), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Stages) UnmarshalText(text []byte) error {
	stages, err := ParseStages(string(text))
	if err != nil {
		return fmt.Errorf("stages: %w", err)
	}
	*s = stages
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
