package trial

import (
	"fmt"

	"github.com/fanin-bench/fanin-bench/results"
)

// Spec is what a trial's child process is told on standard input.
type Spec struct {
	Schema int          `json:"schema"` // results.SchemaVersion
	Cell   results.Cell `json:"cell"`
	// Rate is what a cell that is given as a Load comes to, in messages per
	// second.
	Rate        float64 `json:"rate_msgs_per_s,omitempty"`
	Seed        uint64  `json:"seed"`
	TimeoutNs   int64   `json:"timeout_ns"`                   // for the whole process
	MemoryLimit int64   `json:"memory_limit_bytes,omitempty"` // 0: none
	Inspect     bool    `json:"inspect,omitempty"`            // look into the promises, too, once all is measured: see inspect
	// Slices, if set, has the trial take turns with others. Its timeout is then for what
	// it does in its own turns.
	Slices *Slicing `json:"slices,omitempty"`
}

// rate returns what an open loop offers, in messages per second.
func (s Spec) rate() float64 {
	if s.Cell.Rate > 0 {
		return s.Cell.Rate
	}
	return s.Rate
}

// Reply is what the child answers on standard output: exactly one of the two.
type Reply struct {
	Schema      int                  `json:"schema"`
	Build       string               `json:"build,omitempty"` // of the program that answers, the same for no other: see results.Build
	Measurement *results.Measurement `json:"measurement,omitempty"`
	Failure     *results.Failure     `json:"failure,omitempty"`

	// Memory is what the parent saw of the child's; nil if nothing.
	Memory *results.Memory `json:"-"`
}

// Failed is the reply of a trial that failed.
func Failed(kind results.FailureKind, format string, args ...any) Reply {
	return Reply{Failure: &results.Failure{Kind: kind, Detail: fmt.Sprintf(format, args...)}}
}
