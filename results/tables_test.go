package results_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/results/sheet"
)

// Whatever a table shows that begins with a number has it for those who sort.
func TestRowsCarryNumbers(t *testing.T) {
	seen := map[string]bool{}
	for name, config := range map[string]resultstest.Config{
		"closed": {Strategies: 4, Producers: []int{1, 16}, Reps: 6, Samples: 500, Fails: func(x resultstest.Trial) bool {
			return x.Strategy == "mutex-swap" && x.Producers == 16
		}},
		"open": {
			Strategies: 4, Producers: []int{1, 16}, Reps: 6, Samples: 2000, Closed: true, Probe: true,
			Rates: []float64{1e6}, Loads: []float64{0.5, 1.2}, Overload: 3,
		},
		"overload": {Strategies: 4, Producers: []int{16}, Reps: 6, Samples: 1500, Rates: []float64{5e3, 4e4}, Cost: 100_000},
		"busy": {
			Strategies: 3, Producers: []int{4}, Reps: 6, Samples: 1500, Rates: []float64{8e4}, Closed: true,
			Companies: []resultstest.Company{{}, {Busy: 1}, {Busy: 8}},
		},
		"bare": {Strategies: 4, Producers: []int{1}, Reps: 6, Samples: -1, Describe: func(s *results.Strategy) {
			if s.Name == "chan" {
				s.Name = results.Baselines[0]
			}
		}},
		"pipeline": {Strategies: 4, Producers: []int{1}, Reps: 6, Capacities: []int{5}, Stages: threeStages},
		"beyond": {
			Strategies: 7, Producers: []int{16}, Reps: 6, Samples: -1, Describe: resultstest.Beyond, Processes: []int{4, 16}, Payloads: []int{64, 1024},
		},
		"limit": {Strategies: 4, Producers: []int{1}, Reps: 6, Samples: -1, Limit: 256 << 20},
	} {
		run := resultstest.Run(config)
		for i := range run.Trials {
			if m := run.Trials[i].Measurement; m != nil && name == "closed" {
				m.InFlight = &results.Backlog{Mean: 2.5, Max: 5, StepNs: 1e6}
			}
		}
		summary := results.Summarize(run)
		for _, table := range results.Tables() {
			laid := summary.Sheet(table)
			if laid == nil {
				continue
			}
			seen[table.Title] = true
			for _, row := range laid.Rows {
				for i, text := range row.Texts {
					words := slices.Contains([]string{"delivery", "survives the end of"}, laid.Columns[i]) ||
						slices.Contains([]string{"", sheet.FailedText, sheet.EndedText}, text) || strings.Contains(text, "as expected")
					if (row.Numbers[i] == nil) != words {
						t.Errorf("%s, %s of %s at %s: %q, and the number %v", name, table.Title, row.Label, laid.Columns[i], text, row.Numbers[i])
					}
				}
			}
		}
	}
	for _, table := range results.Tables() {
		if !seen[table.Title] && table.Title != "Sink" {
			t.Errorf("no run has the table %s", table.Title)
		}
	}
}
