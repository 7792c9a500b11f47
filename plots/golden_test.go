package plots

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// goldens are runs that between them have every figure, and every mark in them.
var goldens = map[string]resultstest.Config{
	"closed": {
		Strategies: len(field), Describe: describe, Producers: []int{1, 16}, Reps: 6, Samples: 100,
		Fails: func(x resultstest.Trial) bool { return x.Strategy == "lanes" && x.Producers == 16 },
	},
	"capacities": {
		Strategies: 9, Describe: describe, Producers: []int{1, 16}, Reps: 6, Samples: -1, Capacities: []int{16, 1024}, SendBatch: 32,
	},
	"open": {
		Producers: []int{4}, Reps: 2, Samples: 1500, Loads: []float64{0.3, 0.9, 1.05}, Overload: 4, Probe: true,
		Fails: func(x resultstest.Trial) bool { return x.Strategy == "lanes" && x.Block == 1 },
	},
	"overload": {
		Strategies: 4, Producers: []int{16}, Reps: 6, Samples: 1500, Rates: []float64{5e3, 1e4, 4e4}, Cost: 100_000,
		Fails: func(x resultstest.Trial) bool { return x.Strategy == "mutex-swap" },
	},
	"sweep": {Producers: []int{16}, Reps: 6, Samples: 1500, Capacities: []int{1, 64, 4096}, Rates: []float64{1e4}, Closed: true},
	"busy": {
		Producers: []int{4}, Reps: 6, Samples: 1500, Rates: []float64{8e4}, Closed: true,
		Companies: []resultstest.Company{{}, {Busy: 1}, {Busy: 8}},
	},
	"work":     {Strategies: 8, Describe: describe, Producers: []int{16}, Reps: 6, Samples: -1, Work: []int64{0, 100, 1000, 10_000}},
	"pipeline": {Strategies: 4, Producers: []int{1}, Reps: 6, Capacities: []int{5}, Stages: threeStages},
	"limit":    {Strategies: 4, Producers: []int{1}, Reps: 6, Samples: -1, Limit: 256 << 20},
	"beyond": {
		Strategies: 7, Producers: []int{16}, Reps: 6, Samples: 1500, Describe: resultstest.Beyond, Processes: []int{4, 16}, Payloads: []int{64, 1024, 16384},
	},
	"mixed": {Strategies: 4, Describe: describe, Producers: []int{8}, Reps: 2, Samples: -1, Mixed: true},
	"rates": {Strategies: 4, Producers: []int{4, 64}, Reps: 2, Samples: 1500, Rates: []float64{1e6}},
}

// TestFigures compares what every figure says with golden files: each of its texts,
// and each point that has a value with whose it is and where it stands. Pixels, and
// how a line is drawn, are not in them.
func TestFigures(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for name, config := range goldens {
		pictures := pictured(t, resultstest.Run(config))
		for _, p := range pictures.All {
			seen[p.Figure.Name] = true
			checkGolden(t, filepath.Join(name, p.Name), pictureData(t, p))
		}
		checkGolden(t, filepath.Join(name, "not-drawn"), strings.Join(pictures.Skipped, "\n")+"\n")
		checkNoOthers(t, name, pictures.All)
	}
	for _, f := range Figures() {
		if !seen[f.Name] {
			t.Errorf("no golden run has the figure %s", f.Name)
		}
	}
}

// pictureData writes down what the SVG of a picture shows, places in whole points.
func pictureData(t *testing.T, p Picture) string {
	t.Helper()
	var out strings.Builder
	fmt.Fprintf(&out, "%.0f x %.0f\n%s\n\nTEXTS\n", p.drawing.Width.Points(), p.drawing.Height.Points(), p.drawing.Alt())
	d := xml.NewDecoder(bytes.NewReader(p.SVG.Text))
	inText := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch v := token.(type) {
		case xml.StartElement:
			inText = v.Name.Local == "text"
		case xml.CharData:
			if inText {
				fmt.Fprintf(&out, "%s\n", v)
			}
		case xml.EndElement:
			inText = false
		}
	}
	out.WriteString("\nPOINTS\n")
	for _, m := range p.SVG.Marks {
		fmt.Fprintf(&out, "%.0f,%.0f %s: %s\n", m.X, m.Y, m.Series, m.Text)
	}
	return out.String()
}

func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	resultstest.Golden(t, filepath.Join("testdata", "figures", name+".golden"), got)
}

// checkNoOthers looks for golden files of figures that are drawn no more.
func checkNoOthers(t *testing.T, name string, pictures []Picture) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "figures", name, "*.golden"))
	if err != nil || !*resultstest.Update && len(files) != len(pictures)+1 {
		t.Errorf("%s: %d golden files of %d figures and what is not drawn, %v", name, len(files), len(pictures), err)
	}
}

// TestPointsStandAtTheirValues: on a logarithmic axis equal ratios are equal
// distances, in every panel.
func TestPointsStandAtTheirValues(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Producers: []int{1, 4, 16}, Samples: -1})
	summary := results.Summarize(run)
	pictures, err := Draw(&run.Manifest, summary, Figures())
	if err != nil {
		t.Fatal(err)
	}
	marks := ofFigure(pictures, throughput)[0].SVG.Marks
	value := map[string]float64{}
	for i := range summary.Cells {
		c := &summary.Cells[i]
		value[fmt.Sprint(c.Strategy, c.Producers)] = *c.Number(results.Throughput)
	}
	if len(marks) != len(value) {
		t.Fatalf("%d points of %d cells", len(marks), len(value))
	}
	for i, a := range marks {
		for _, b := range marks[:i] {
			va, vb := value[fmt.Sprint(a.Strategy, a.Producers)], value[fmt.Sprint(b.Strategy, b.Producers)]
			if (va > vb) != (a.Y < b.Y) || (a.Producers > b.Producers) != (a.X > b.X+1e-9) {
				t.Errorf("%+v of %v and %+v of %v", a, va, b, vb)
			}
		}
	}
}

// threeStages are those of a pipeline.
var threeStages = []time.Duration{10 * time.Millisecond, 50 * time.Millisecond, 20 * time.Millisecond}
