package plots

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/compare"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// comparisons are pairs of runs that are hard to draw, each in its way.
var comparisons = map[string]resultstest.Config{
	"closed": {Samples: -1, Slow: map[string]float64{"lanes": 1.15, "chan": 0.9}},
	"one":    {Strategies: 2, Producers: []int{16}, Samples: -1},
	"open":   {Producers: []int{1, 16}, Samples: 1100, Rates: []float64{2e5, 2e6}, Closed: true, Slow: map[string]float64{"mutex-swap": 40}},
	"few": {
		Producers: []int{1, 16}, Reps: 3, Samples: -1,
		Fails: func(x resultstest.Trial) bool { return x.Strategy == "chan" && x.Producers == 16 },
	},
	"many": {Strategies: 24, Reps: 6, Samples: -1, Slow: map[string]float64{"strategy-7": 100}},
}

// compared compares a run of one of them with what it was before.
func compared(t *testing.T, name string) *compare.Diff {
	t.Helper()
	c := comparisons[name]
	base := c
	base.Slow, base.Fails = nil, nil
	c.Seed = 9
	next := resultstest.Run(c)
	if name == "few" {
		next.Manifest.Environment.GOGC = "off"
	}
	diff, err := compare.Runs(resultstest.Run(base), next, results.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	diff.Base.Dir, diff.New.Dir = "out/2026-01-31T10-00-00-base", "out/2026-01-31T10-00-00"
	if err := diff.CloseOn(0.05, false); err != nil && !errors.Is(err, compare.ErrRegression) && !errors.Is(err, compare.ErrNotDecided) {
		t.Fatal(err)
	}
	return diff
}

// TestComparisonDrawings looks at every text of a comparison, and at what it says.
func TestComparisonDrawings(t *testing.T) {
	t.Parallel()
	for name := range comparisons {
		t.Run(name, func(t *testing.T) {
			diff := compared(t, name)
			d, err := comparison(diff)
			if err != nil {
				t.Fatal(err)
			}
			checkTexts(t, d)
			var said []string
			for _, box := range texts(d) {
				said = append(said, box.text)
			}
			for _, metric := range results.Compared() {
				for _, row := range diff.Rows(metric) {
					if metric.Gates && (!slices.Contains(said, shortened(row.Label)) || !slices.Contains(said, row.Change())) {
						t.Errorf("%s is not in the figure, or not as %q", row.Label, row.Change())
					}
				}
			}
			if *keep == "" {
				return
			}
			if _, err := WriteComparison(diff, filepath.Join(*keep, "comparison-"+name)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWriteComparison(t *testing.T) {
	t.Parallel()
	diff := compared(t, "one")
	path := filepath.Join(t.TempDir(), "x")
	files, err := WriteComparison(diff, path)
	if err != nil || !slices.Equal(files, []string{path + ".svg", path + ".png"}) {
		t.Fatalf("%q, %v", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	checkXML(t, files[0], data)
	if !strings.Contains(string(data), ">chan producers=16<") {
		t.Error("the SVG does not name the cell")
	}
	for i := range diff.Cells {
		diff.Cells[i].Metrics = nil
	}
	if _, err := WriteComparison(diff, path); !errors.Is(err, ErrNoData) {
		t.Errorf("nothing to draw: %v", err)
	}
}
