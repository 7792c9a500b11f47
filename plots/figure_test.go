package plots_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/plots"
	"github.com/fanin-bench/fanin-bench/plots/report"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// A figure is its declaration: one more in the list is in the files and in the page,
// with the values of its points, and is laid out once for all of them.
func TestOneMoreFigure(t *testing.T) {
	run := resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{1, 16}, Reps: 6, Samples: -1, Rates: []float64{1e6}, Closed: true})
	for i := range run.Trials {
		if m := run.Trials[i].Measurement; run.Trials[i].Cell.IsClosed() {
			m.Mallocs = new(3 * m.Delivered)
		} else {
			m.Mallocs = nil
		}
	}
	summary, drawn := results.Summarize(run), 0
	pictures, err := plots.Draw(&run.Manifest, summary, append(plots.Figures(), plots.Allocations(&drawn)))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files, err := pictures.Write(dir, 20)
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := report.Write(&page, run, summary, pictures); err != nil {
		t.Fatal(err)
	}
	if drawn != 2 {
		t.Errorf("the two scenes were laid out %d times; want each once, for files and page", drawn)
	}
	last := pictures.All[len(pictures.All)-1]
	if last.Figure.Name != "allocations" || last.Question != "How much does a message allocate?" {
		t.Fatalf("the last picture is %s of the figure %s: %q", last.Name, last.Figure.Name, last.Question)
	}
	for _, name := range []string{last.Name + ".svg", last.Name + ".png"} {
		if !slices.Contains(files, filepath.Join(dir, plots.Dir, name)) {
			t.Errorf("there is no file %s: %q", name, files)
		}
	}
	for _, want := range []string{
		`<figure id="` + last.Name + `">`, last.Question, last.Figure.Read, "1 producer: 3.00 objects per message",
		": no allocation was counted.",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if !slices.ContainsFunc(pictures.Skipped, func(s string) bool { return strings.HasSuffix(s, ": no allocation was counted") }) {
		t.Errorf("the open loop, which has none, is not among the skipped: %q", pictures.Skipped)
	}
	if c := run.Manifest.Cells[0]; !last.Shows(c) || last.Shows(results.Cell{Strategy: c.Strategy}) {
		t.Errorf("the picture shows other cells than those of its scene")
	}
}
