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
	"github.com/fanin-bench/fanin-bench/results/compare"
	"github.com/fanin-bench/fanin-bench/results/history"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// FuzzDraw draws every figure of a run directory of any content: each
// is well-formed, and none is too large to be a picture.
func FuzzDraw(f *testing.F) {
	for _, c := range []resultstest.Config{
		{Strategies: 2, Producers: []int{1, 4}, Reps: 2, Samples: 50},
		{Strategies: 2, Producers: []int{4}, Reps: 1, Samples: 50, Closed: true, Probe: true, Rates: []float64{1e6}, Loads: []float64{0.5}, Overload: 2, Stall: true},
		{Strategies: 3, Producers: []int{1}, Reps: 1, Samples: 50, Stages: []time.Duration{time.Millisecond, 2 * time.Millisecond}, Limit: 64 << 20},
	} {
		manifest, trials := resultstest.Texts(f, resultstest.Run(c))
		f.Add(manifest, trials)
		f.Add(manifest, trials[:len(trials)/2])
		f.Add(bytes.ReplaceAll(manifest, []byte(`"index":1`), []byte(`"index":65536`)), trials)
		f.Add(bytes.ReplaceAll(manifest, []byte(`Example CPU`), []byte(`</svg><script>alert(1)</script>\u0000\ud800`)), trials)
	}
	f.Fuzz(func(t *testing.T, manifest, trials []byte) {
		run, err := resultstest.Open(t, manifest, trials)
		if err != nil {
			return
		}
		checkPictures(t, run)
		if diff, err := compare.Runs(run, run, results.Choice{}); err == nil {
			if d, err := comparison(diff); err == nil {
				checkSVG(t, d)
			}
		}
		if h, err := history.New([]*results.Run{run, run}, results.Choice{}); err == nil {
			for _, metric := range h.Metrics {
				checkSVG(t, drawHistory(h, metric))
			}
		}
	})
}

func checkPictures(t *testing.T, run *results.Run) {
	t.Helper()
	for _, p := range pictured(t, run).All {
		if filepath.Base(p.Name) != p.Name {
			t.Fatalf("a picture called %q", p.Name)
		}
		checkSVG(t, p.drawing)
	}
}

// checkSVG writes a drawing and reads it as any reader of XML would.
func checkSVG(t *testing.T, d *Drawing) {
	t.Helper()
	if d.Height > maxHeight {
		t.Fatalf("a picture of %v points", d.Height)
	}
	svg, err := NewSVG(d)
	if err != nil {
		t.Fatal(err)
	}
	decoder := xml.NewDecoder(bytes.NewReader(svg.Text))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", d.Question, err)
		}
		if start, ok := token.(xml.StartElement); ok && strings.EqualFold(start.Name.Local, "script") {
			t.Fatalf("%s: a script got into the picture", d.Question)
		}
	}
}

// A manifest that claims thousands of strategies, or of conditions, gets the
// pictures that can be looked at and is told about the others.
func TestTooMuchToDraw(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("lays out hundreds of figures, which takes long under the race detector")
	}
	many := resultstest.Run(resultstest.Config{Strategies: 600, Producers: []int{1}, Reps: 1, Samples: -1})
	pictures := pictured(t, many)
	if text := strings.Join(pictures.Skipped, "\n"); !strings.Contains(text, "throughput: it would be too long to read") {
		t.Errorf("skipped %q", text)
	}
	for _, p := range pictures.All {
		if p.drawing.Height > maxHeight {
			t.Errorf("%s is %v points high", p.Name, p.drawing.Height)
		}
	}
	wide := resultstest.Run(resultstest.Config{Strategies: 1, Producers: []int{1}, Reps: 1, Samples: -1})
	cell, trial := wide.Manifest.Cells[0], wide.Trials[0]
	for i := range 100 {
		cell.Payload = 100 + i
		trial.Cell = cell
		wide.Manifest.Cells, wide.Trials = append(wide.Manifest.Cells, cell), append(wide.Trials, trial)
	}
	pictures = pictured(t, wide)
	if len(pictures.All) > maxScenes*len(Figures()) || !strings.Contains(fmt.Sprint(pictures.Skipped), "more than 64 combinations of parameters") {
		t.Errorf("%d pictures: %q", len(pictures.All), pictures.Skipped)
	}
}
