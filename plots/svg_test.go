package plots

import (
	"bytes"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// Every figure of every shape is well-formed, says whose its points are, and is in
// the theme's colours, which a dark page replaces, but for the shades of the map.
func TestSVGs(t *testing.T) {
	t.Parallel()
	colour := regexp.MustCompile(`(?:fill|stroke)="(#[^"]*)"`)
	eachDrawing(t, func(t *testing.T, p Picture) {
		svg := p.SVG.Text
		checkXML(t, p.Name, svg)
		if opened, closed := bytes.Count(svg, []byte("<g")), bytes.Count(svg, []byte("</g>")); opened != closed {
			t.Errorf("%d groups are opened and %d closed", opened, closed)
		}
		for _, m := range p.SVG.Marks {
			if m.X < 0 || m.Y < 0 || m.X > p.drawing.Width.Points() || m.Y > p.drawing.Height.Points() || math.IsNaN(m.X+m.Y) {
				t.Errorf("%+v is outside the figure", m)
			}
			if m.Series == "" || m.Text == "" || m.Strategy == "" {
				t.Errorf("%+v does not say whose it is, or what", m)
			}
		}
		if onPaper := bytes.Contains(svg, []byte(` class="on-paper"`)); onPaper != (p.Figure.Name == heatmap.Name) {
			t.Errorf("the figure stays on white paper: %v", onPaper)
		}
		if p.Figure.Name == heatmap.Name {
			return
		}
		for _, found := range colour.FindAllSubmatch(svg, -1) {
			if !slices.ContainsFunc(Colours(), func(c Colour) bool { return c.Light == string(found[1]) }) {
				t.Fatalf("%s is none of the theme's colours", found[0])
			}
		}
	})
}

// A page replaces each colour by one: no two that differ on a dark ground are the
// same on white.
func TestThemeIsUnambiguous(t *testing.T) {
	dark := map[string]string{}
	for _, c := range Colours() {
		if other, ok := dark[c.Light]; ok {
			t.Errorf("%s is %s and %s on a dark ground", c.Light, c.Dark, other)
		}
		dark[c.Light] = c.Dark
	}
}

// The marks of the throughput figure hold the numbers of the summary, at the
// places where the lines are.
func TestMarks(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Producers: []int{1, 16}, Samples: -1, Fails: func(x resultstest.Trial) bool {
		return x.Strategy == "lanes" && x.Producers == 16
	}})
	picture := pictured(t, run).All[0]
	var texts []string
	for _, m := range picture.SVG.Marks {
		if m.Strategy == "chan" || m.Strategy == "lanes" {
			texts = append(texts, m.Series+" "+m.Text)
		}
	}
	want := regexp.MustCompile(`^chan 1 producer: 1\d\.\d \(1\d\.\d to 1\d\.\d\) million messages per second\n` +
		`chan 16 producers: 1\d\.\d \(.*\) million messages per second\n` +
		`lanes 1 producer: \d\d\.\d \(.*\) million messages per second\n` +
		`lanes every trial failed$`)
	if got := strings.Join(texts, "\n"); !want.MatchString(got) {
		t.Errorf("marks are\n%s", got)
	}
	for _, group := range []string{`<g data-strategy="chan">`, `<g data-strategy="null">`} {
		if !bytes.Contains(picture.SVG.Text, []byte(group)) {
			t.Errorf("the figure has no %s", group)
		}
	}
	if again, err := NewSVG(picture.drawing); err != nil || !bytes.Equal(again.Text, picture.SVG.Text) {
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
