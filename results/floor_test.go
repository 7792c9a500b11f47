package results_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// TestNearFloor has a harness that takes as long as some strategies, and one of those
// measured by another program, with a floor of its own or with none.
func TestNearFloor(t *testing.T) {
	t.Parallel()
	const theirs = "/bin/originals"
	for name, c := range map[string]struct {
		slow    map[string]float64
		program map[string]string // of strategies
		floors  []string          // besides null
		want    []string          // lines of the page: first those of throughput, then of speed-up
		lacks   string
	}{
		"a floor far below": {
			want: []string{"| chan-unbounded | 7.", "| mutex-swap | 59.", "| mutex-swap | 4.7"}, lacks: "| mutex-swap | ≥",
		},
		"two strategies near it": {
			slow: map[string]float64{"null": 3},
			want: []string{"| chan | 1", "| mutex-swap | ≥ 59.", "| lanes | ≥ 4", "| mutex-swap | ≥ 4.", "| chan-unbounded | 0.6"},
		},
		"the channel near it": {
			slow: map[string]float64{"null": 12},
			want: []string{"| chan | ≥ 1", "| chan-unbounded | ≤ 0.6", "| mutex-swap | ≈ 4."}, lacks: "§ |",
		},
		"another program without a floor": {
			slow: map[string]float64{"null": 3}, program: map[string]string{"mutex-swap": theirs},
			want: []string{"| mutex-swap | 59.", "| mutex-swap | 4.", "% § |"}, lacks: "| mutex-swap | ≥",
		},
		"another program with a floor like ours": {
			program: map[string]string{"mutex-swap": theirs, "chan-unbounded": theirs}, floors: []string{"chan-unbounded"},
			slow: map[string]float64{"chan-unbounded": 7.5 / 210}, // as null
			want: []string{"| mutex-swap | 59.", "| mutex-swap | 4."}, lacks: "% § |",
		},
		"another program with another floor": {
			program: map[string]string{"mutex-swap": theirs, "chan-unbounded": theirs}, floors: []string{"chan-unbounded"},
			slow: map[string]float64{"chan-unbounded": 7.5 / 100},
			want: []string{"| mutex-swap | ≥ 59.", "| mutex-swap | ≥ 4.", "% § |"},
		},
	} {
		run := resultstest.Run(resultstest.Config{Producers: []int{1}, Samples: -1, Slow: c.slow})
		for i := range run.Manifest.Strategies {
			s := &run.Manifest.Strategies[i]
			s.Program = c.program[s.Name]
			for _, floor := range c.floors {
				s.Floor = s.Floor || s.Name == floor
			}
		}
		var page bytes.Buffer
		if err := results.WriteMarkdown(&page, run, results.Summarize(run)); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(page.String(), want) {
				t.Errorf("%s: the page lacks %q:\n%s", name, want, &page)
			}
		}
		if c.lacks != "" && strings.Contains(page.String(), c.lacks) {
			t.Errorf("%s: the page has %q:\n%s", name, c.lacks, &page)
		}
	}
}
