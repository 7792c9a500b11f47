package plots

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

var keep = flag.String("keep", "", "a directory to leave the figures of every shape in, to be looked at")

// shape is a run, its summary and its pictures, which are made once for all tests.
type shape struct {
	*results.Run
	summary  func() *results.Summary
	pictures func() (*Pictures, error)
}

func newShape(run *results.Run) shape {
	s := shape{Run: run, summary: sync.OnceValue(func() *results.Summary { return results.Summarize(run) })}
	s.pictures = sync.OnceValues(func() (*Pictures, error) { return Draw(&run.Manifest, s.summary(), Figures()) })
	return s
}

func (s shape) scenes() []*Scene { return scenes(&s.Manifest, s.summary()) }

// pictured returns the pictures of the shape.
func (s shape) pictured(t *testing.T) *Pictures {
	t.Helper()
	pictures, err := s.pictures()
	if err != nil {
		t.Fatal(err)
	}
	return pictures
}

// shapes are runs that are hard to draw, each in its way.
var shapes = sync.OnceValue(func() map[string]shape {
	dense := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 32, 48, 64, 96, 128, 1000, 10000}
	configs := map[string]resultstest.Config{
		"five":       {Samples: 400},
		"twelve":     {Strategies: 12, Producers: []int{1, 16, 256}, Samples: 200},
		"thirty-two": {Strategies: 32, Producers: []int{1, 16}, Reps: 6, Samples: 100},
		"one":        {Strategies: 2, Producers: []int{16}},
		"one count":  {Strategies: 7, Producers: []int{16}, Samples: 200},
		"dense":      {Producers: dense, Reps: 1, Samples: 200},
		"untimed":    {Samples: -1, Reps: 3},
		"floor only": {Strategies: 1, Reps: 2},
		"fails": {Strategies: 6, Reps: 3, Samples: 300, Capacities: []int{16, 1024}, Fails: func(x resultstest.Trial) bool {
			return x.Strategy == "chan-unbounded" && x.Producers >= 256 || x.Strategy == "lanes" && x.Producers == 16 ||
				x.Strategy == "mutex-swap" && x.Producers == 1000
		}},
		"open": {
			Producers: []int{1, 16, 256}, Reps: 6, Samples: 2000, Overload: 4, Probe: true,
			Loads: []float64{0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 1.05},
		},
		"stall": {Producers: []int{1, 16, 1000}, Reps: 3, Samples: 2000, Rates: []float64{200_000}, Stall: true},
		"rates": {Strategies: 7, Producers: []int{16}, Reps: 3, Samples: 1500, Rates: []float64{2e5, 1e6, 5e6, 2e7}},
		"overload": {
			Producers: []int{16}, Reps: 6, Samples: 1500, Rates: []float64{5e3, 8e3, 1e4, 2e4, 4e4}, Cost: 100_000,
			Fails: func(x resultstest.Trial) bool { return x.Strategy == "mutex-swap" },
		},
		"mixed": {Producers: []int{16}, Reps: 3, Samples: 1500, Rates: []float64{1e6, 5e6}, Loads: []float64{0.3, 0.6, 0.9}},

		"open fails": {
			Strategies: 6, Producers: []int{4, 64}, Reps: 2, Samples: 1500, Loads: []float64{0.5, 0.9}, Probe: true, Closed: true,
			Fails: func(x resultstest.Trial) bool {
				return x.Strategy == "lanes" && x.Producers == 64 || x.Strategy == "mutex-swap"
			},
		},
		"crowded": {
			Strategies: len(field), Describe: describe, Producers: []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 1000, 4000, 10000},
			Reps: 6, Samples: 100,
		},
		"crowded open": {
			Strategies: len(field), Describe: describe, Producers: []int{4, 64}, Reps: 2, Samples: 600, SendBatch: 32,
			Loads: []float64{0.3, 0.6, 0.9}, Probe: true,
		},
		"pipeline": {Producers: []int{1, 4}, Reps: 6, Capacities: []int{5, 50}, Stages: threeStages},
		"long pipeline": {
			Strategies: len(field), Describe: describe, Producers: []int{4}, Reps: 1, Samples: -1,
			Stages: append(slices.Repeat([]time.Duration{100 * time.Microsecond}, 30), 2500*time.Microsecond),
		},
		"limit":    {Producers: []int{1, 16}, Reps: 3, Samples: -1, Limit: 256 << 20},
		"all fail": {Reps: 2, Fails: func(resultstest.Trial) bool { return true }},
	}
	all := map[string]shape{}
	for name, c := range configs {
		all[name] = newShape(resultstest.Run(c))
	}
	long := resultstest.Run(resultstest.Config{Reps: 2, Samples: 200})
	long.Manifest.Environment.CPU = strings.Repeat("A very long name of a CPU ", 8)
	all["long names"] = newShape(long)
	empty := resultstest.Run(resultstest.Config{Reps: 1, Samples: -1})
	empty.Trials = nil
	all["no trials"] = newShape(empty)
	return all
})

// coarse is a resolution for PNGs that nobody looks at.
const coarse = 20

// pictured draws all figures of a run.
func pictured(t testing.TB, run *results.Run) *Pictures {
	t.Helper()
	pictures, err := Draw(&run.Manifest, results.Summarize(run), Figures())
	if err != nil {
		t.Fatal(err)
	}
	return pictures
}

// ofFigure returns the pictures of one figure.
func ofFigure(pictures *Pictures, f Figure) []Picture {
	return slices.DeleteFunc(slices.Clone(pictures.All), func(p Picture) bool { return p.Figure.Name != f.Name })
}

func eachDrawing(t *testing.T, check func(t *testing.T, p Picture)) {
	for name, shape := range shapes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pictures := shape.pictured(t)
			for _, figure := range Figures() {
				drawn := slices.ContainsFunc(pictures.All, func(p Picture) bool { return p.Figure.Name == figure.Name })
				why := slices.ContainsFunc(pictures.Skipped, func(text string) bool { return strings.HasPrefix(text, figure.Name) })
				if !drawn && !why {
					t.Errorf("%s was neither drawn nor skipped", figure.Name)
				}
			}
			for _, p := range pictures.All {
				t.Run(p.Name, func(t *testing.T) { check(t, p) })
			}
		})
	}
}

type textBox struct {
	text string
	vg.Rectangle
}

// texts returns where every text of a drawing stands.
func texts(d *Drawing) []textBox {
	var r recorder.Canvas
	d.Draw(draw.NewCanvas(&r, d.Width, d.Height))
	var boxes []textBox
	for _, a := range r.Actions {
		fill, ok := a.(*recorder.FillString)
		if !ok || fill.String == "" {
			continue
		}
		face := font.DefaultCache.Lookup(fill.Font, fill.Size)
		// Capitals and descenders; the font's own extents have air above.
		box := vg.Rectangle{
			Min: fill.Point.Add(vg.Point{Y: -0.22 * fill.Size}),
			Max: fill.Point.Add(vg.Point{X: face.Width(fill.String), Y: 0.74 * fill.Size}),
		}
		boxes = append(boxes, textBox{fill.String, box})
	}
	return boxes
}

func overlap(a, b vg.Rectangle) bool {
	return a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y
}

// TestNoTextOverlapsOrIsCut looks at every text of every figure of every shape.
func TestNoTextOverlapsOrIsCut(t *testing.T) {
	t.Parallel()
	eachDrawing(t, func(t *testing.T, p Picture) { checkTexts(t, p.drawing) })
}

// checkTexts finds texts of a drawing that overlap or are cut.
func checkTexts(t *testing.T, d *Drawing) {
	t.Helper()
	boxes := texts(d)
	if len(boxes) < 5 {
		t.Errorf("only %d texts", len(boxes))
	}
	for i, a := range boxes {
		if a.Min.X < 0 || a.Min.Y < 0 || a.Max.X > d.Width || a.Max.Y > d.Height {
			t.Errorf("%q is cut at the figure's edge: %v in %v x %v", a.text, a.Rectangle, d.Width, d.Height)
		}
		for _, b := range boxes[i+1:] {
			if overlap(a.Rectangle, b.Rectangle) {
				t.Errorf("%q %v overlaps %q %v", a.text, a.Rectangle, b.text, b.Rectangle)
			}
		}
	}
}

// TestLabelsNameEverySeries counts the labels of the throughput figure.
func TestLabelsNameEverySeries(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"five": {"harness floor", "chan · bounded in total", "chan-unbounded", "mutex-swap", "lanes"},
		"fails": {
			"harness floor", "chan capacity=16", "chan capacity=1024", "chan capacity=1024 · bounded in total",
			"chan-unbounded", "mutex-swap", "lanes", "strategy-5",
		},
		"one": {"harness floor", "chan"},
	} {
		var got []string
		for _, p := range drawn(t, name, "throughput").panels {
			for _, l := range p.lines {
				got = append(got, l.text)
			}
		}
		got = slices.Compact(slices.Sorted(slices.Values(got)))
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: labels %q, want %q", name, got, want)
		}
	}
}

func TestSpread(t *testing.T) {
	t.Parallel()
	// The seed only makes the numbers reproducible.
	rng := rand.New(rand.NewPCG(1, 2))
	const height, hi = 12.5, 400
	for range 500 {
		wanted := make([]vg.Length, 1+rng.IntN(32))
		for i := range wanted {
			wanted[i] = vg.Length(rng.Float64() * hi)
		}
		slices.Sort(wanted)
		got := spread(wanted, height, 0, hi)
		apart := true
		for i := range wanted {
			if got[i] < height/2-1e-6 || got[i] > hi-height/2+1e-6 {
				t.Fatalf("place %v of %v is outside", got[i], got)
			}
			if i > 0 && got[i]-got[i-1] < height-1e-6 {
				t.Fatalf("%v and %v are too close", got[i-1], got[i])
			}
			apart = apart && wanted[i] >= height/2 && wanted[i] <= hi-height/2 && (i == 0 || wanted[i]-wanted[i-1] >= height)
		}
		for i := range wanted {
			if apart && math.Abs(float64(got[i]-wanted[i])) > 1e-6 {
				t.Fatalf("moved %v to %v without need", wanted, got)
			}
		}
	}
	if got := spread([]vg.Length{100, 100}, 10, 0, 200); got[0] != 95 || got[1] != 105 {
		t.Errorf("two at the same place went to %v", got)
	}
	if got := spread(make([]vg.Length, 5), 10, 0, 20); got[4]-got[0] != 40 {
		t.Errorf("too many for the room went to %v", got)
	}
}

func TestFilesAreWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pictures := shapes()["one"].pictured(t)
	files, err := pictures.Write(dir, DPI)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2*3 || len(pictures.Skipped) != len(Figures())-3 {
		t.Fatalf("%q, skipped %q", files, pictures.Skipped)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".svg") {
			checkXML(t, name, data)
			continue
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if size := img.Bounds().Size(); size.X != 1600 || size.Y < 400 {
			t.Errorf("%s has %v", name, size)
		}
		seen := map[color.Color]bool{}
		for x := range 1600 {
			seen[img.At(x, img.Bounds().Dy()/2)] = true
		}
		if len(seen) < 3 {
			t.Errorf("%s is blank across its middle", name)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, Dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func checkXML(t *testing.T, name string, data []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func TestSameRunSameFiles(t *testing.T) {
	t.Parallel()
	draw := func() string {
		var all bytes.Buffer
		for _, p := range pictured(t, resultstest.Run(resultstest.Config{Reps: 2, Samples: 200})).All {
			all.Write(p.SVG.Text)
		}
		return all.String()
	}
	if first, second := draw(), draw(); first != second {
		t.Error("the same run was drawn differently")
	}
}

func TestSkippedFiguresSayWhy(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"all fail":  "throughput: no trial has a throughput",
		"no trials": "throughput: no trial has a throughput",
		"untimed":   "spectrum: too few messages were timed",
		"one":       "speedup: no strategy can be compared with chan",
		"five":      "response: the run has no open loop",
		"stall":     "load: a single load has no knee",
		"rates":     "rest: the run has no probe",
		"dense":     "backlog: the backlog was not sampled",
	} {
		if skipped := shapes()[name].pictured(t).Skipped; !slices.Contains(skipped, want) {
			t.Errorf("%s: skipped %q; want %q", name, skipped, want)
		}
	}
}

// seenBy are the linear RGB matrices of Machado et al. (2009) at full severity.
var seenBy = map[string][9]float64{
	"everybody":    {1, 0, 0, 0, 1, 0, 0, 0, 1},
	"deuteranopes": {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881},
	"protanopes":   {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998},
}

func TestColoursAreDistinct(t *testing.T) {
	t.Parallel()
	for who, m := range seenBy {
		for i, a := range palette {
			for _, b := range palette[i+1:] {
				// Seven is three times the just noticeable difference.
				if d := distance(seen(m, a), seen(m, b)); d < 7 {
					t.Errorf("to %s, %v and %v are only %.1f apart", who, a, b, d)
				}
			}
		}
	}
}

// seen turns a colour into CIE Lab as someone sees it.
func seen(m [9]float64, c color.NRGBA) [3]float64 {
	linear := func(v uint8) float64 { return math.Pow(float64(v)/255, 2.2) }
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	at := func(i int) float64 { return min(max(m[i]*r+m[i+1]*g+m[i+2]*b, 0), 1) }
	r, g, b = at(0), at(3), at(6)
	f := func(v float64) float64 {
		if v > 0.008856 {
			return math.Cbrt(v)
		}
		return 7.787*v + 16.0/116
	}
	x := f((0.4124*r + 0.3576*g + 0.1805*b) / 0.9505)
	y := f(0.2126*r + 0.7152*g + 0.0722*b)
	z := f((0.0193*r + 0.1192*g + 0.9505*b) / 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func distance(a, b [3]float64) float64 {
	return math.Hypot(math.Hypot(a[0]-b[0], a[1]-b[1]), a[2]-b[2])
}

// TestLooksAreDistinct compares colour, dash and marker together, and the same
// strategy in two runs.
func TestLooksAreDistinct(t *testing.T) {
	t.Parallel()
	taken := map[string]int{}
	for i := range 56 {
		l := lookOf(i, 0)
		key := fmt.Sprint(l.line.Color, l.line.Dashes, fmt.Sprintf("%#v", l.marker.Shape))
		if j, ok := taken[key]; ok {
			t.Errorf("strategies %d and %d look the same", i, j)
		}
		taken[key] = i
	}
	five, twelve := shapes()["five"].scenes()[0], shapes()["twelve"].scenes()[0]
	for i, s := range five.Series {
		if s.Look.line.Color != twelve.Series[i].Look.line.Color {
			t.Errorf("%s changed its colour", s.Name)
		}
		if s.Look.floor != (i == 0) {
			t.Errorf("%s floor: %v", s.Name, s.Look.floor)
		}
	}
}

func TestScenesDoNotMixPayloads(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{1, 4}, Reps: 1})
	big := resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{1, 4}, Reps: 1})
	for i := range big.Manifest.Cells {
		big.Manifest.Cells[i].Payload = 1024
	}
	for i := range big.Trials {
		big.Trials[i].Cell.Payload = 1024
	}
	run.Manifest.Cells = append(run.Manifest.Cells, big.Manifest.Cells...)
	run.Trials = append(run.Trials, big.Trials...)
	var names []string
	for _, p := range ofFigure(pictured(t, run), throughput) {
		names = append(names, p.Name)
	}
	if want := []string{"throughput_payload-8", "throughput_payload-1024"}; !slices.Equal(names, want) {
		t.Errorf("figures %q, want %q", names, want)
	}
}

// TestKeep leaves everything to be looked at by a person:
// go test ./plots -run Keep -keep /tmp/look
func TestKeep(t *testing.T) {
	t.Parallel()
	if *keep == "" {
		t.Skip("-keep is not given")
	}
	for name, shape := range shapes() {
		dir := filepath.Join(*keep, strings.ReplaceAll(name, " ", "-"))
		if _, err := shape.pictured(t).Write(dir, DPI); err != nil {
			t.Error(err)
		}
	}
}
