package plots

import (
	"bytes"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// Every figure of every shape: well-formed, and in the theme's colours, which a
// dark page replaces.
func TestInlineFigures(t *testing.T) {
	t.Parallel()
	eachDrawing(t, func(t *testing.T, p Picture) {
		inline, err := NewInline(p.Drawing)
		if err != nil {
			t.Fatal(err)
		}
		checkXML(t, p.Name, inline.SVG)
		if opened, closed := bytes.Count(inline.SVG, []byte("<g")), bytes.Count(inline.SVG, []byte("</g>")); opened != closed {
			t.Errorf("%d groups are opened and %d closed", opened, closed)
		}
		for _, m := range inline.Marks {
			if m.X < 0 || m.Y < 0 || m.X > p.Drawing.Width.Points() || m.Y > p.Drawing.Height.Points() || math.IsNaN(m.X+m.Y) {
				t.Errorf("%+v is outside the figure", m)
			}
			if m.Series == "" || m.Text == "" || m.Strategy == "" {
				t.Errorf("%+v does not say whose it is, or what", m)
			}
		}
		colours := map[string]bool{}
		for _, c := range Colours() {
			colours[c.Name] = true
		}
		for _, class := range regexp.MustCompile(`class="[sf]-([^"]*)"`).FindAllSubmatch(inline.SVG, -1) {
			if !colours[string(class[1])] {
				t.Fatalf("class %s has no colour", class[0])
			}
		}
	})
}

// The marks of the throughput figure hold the numbers of the summary, at the
// places where the lines are.
func TestInlineMarks(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Producers: []int{1, 16}, Samples: -1, Fails: func(x resultstest.Trial) bool {
		return x.Strategy == "lanes" && x.Producers == 16
	}})
	pictures, _, err := Pictures(run)
	if err != nil {
		t.Fatal(err)
	}
	inline, err := NewInline(pictures[0].Drawing)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, m := range inline.Marks {
		if m.Strategy == "chan" || m.Strategy == "lanes" {
			texts = append(texts, m.Series+" "+m.Text)
		}
	}
	want := regexp.MustCompile(`^chan 1 producer: 1\d\.\d \(1\d\.\d to 1\d\.\d\), million messages per second\n` +
		`chan 16 producers: 1\d\.\d \(.*\), million messages per second\n` +
		`lanes 1 producer: \d\d\.\d \(.*\), million messages per second\n` +
		`lanes every trial failed$`)
	if got := strings.Join(texts, "\n"); !want.MatchString(got) {
		t.Errorf("marks are\n%s", got)
	}
	for _, group := range []string{`<g data-strategy="chan">`, `<g data-strategy="null">`} {
		if !bytes.Contains(inline.SVG, []byte(group)) {
			t.Errorf("the figure has no %s", group)
		}
	}
	if vg, err := NewInline(pictures[0].Drawing); err != nil || !bytes.Equal(vg.SVG, inline.SVG) {
		t.Errorf("the same figure was drawn differently, %v", err)
	}
}

// On a dark page colours stay as far apart as on a light one.
func TestDarkColoursAreDistinct(t *testing.T) {
	t.Parallel()
	for who, m := range seenBy {
		for i, a := range darkPalette {
			for _, b := range darkPalette[i+1:] {
				if d := distance(seen(m, a), seen(m, b)); d < 7 {
					t.Errorf("to %s, %v and %v are only %.1f apart", who, a, b, d)
				}
			}
			if d := distance(seen(m, a), seen(m, darkPaper)); d < 30 {
				t.Errorf("to %s, %v is only %.1f from the ground", who, a, d)
			}
		}
	}
}
