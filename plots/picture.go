package plots

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/fanin-bench/fanin-bench/results"
)

// maxHeight is that of a figure in points: at 1600 pixels across, its PNG takes
// 120 MB in memory.
const maxHeight = 7200

// Pictures is all that is drawn of a run, laid out: the files and the page are both
// made of it.
type Pictures struct {
	All     []Picture // in the order of the figures
	Skipped []string  // "speedup: no strategy can be compared with chan"
}

// Picture is a figure of a part of a run.
type Picture struct {
	Figure   Figure
	Name     string // of its files, without the extension, and of its place in a page
	Question string // the title
	Label    string // "payload=64", what tells its part of the run from others; empty if there is one
	Group    string // what the strategies in it have in common; empty if nothing more than in others
	SVG      *SVG

	drawing *Drawing // for what is no SVG
	cells   map[results.Cell]bool
}

// Shows reports whether a cell is among those that the picture is drawn of.
func (p *Picture) Shows(c results.Cell) bool { return p.cells[c] }

// newPicture makes the picture of a drawing.
func newPicture(name string, d *Drawing) (Picture, error) {
	svg, err := NewSVG(d)
	if err != nil {
		return Picture{}, fmt.Errorf("drawing %s: %w", name, err)
	}
	return Picture{Name: name, Question: d.Question, SVG: svg, drawing: d}, nil
}

// Draw lays out the figures that a summary has data for, in their order, and says of
// the others why there is none.
func Draw(m *results.Manifest, summary *results.Summary, figures []Figure) (*Pictures, error) {
	out := &Pictures{}
	all := scenes(m, summary)
	if len(all) == maxScenes {
		out.Skipped = append(out.Skipped, fmt.Sprintf("more than %d combinations of parameters", maxScenes))
	}
	all = append(all, sweeps(m, summary)...)
	all = append(all, whole(m, summary))
	for _, figure := range figures {
		if err := out.draw(figure, all); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// draw adds a figure of each scene that it is about.
func (p *Pictures) draw(figure Figure, all []*Scene) error {
	about := slices.DeleteFunc(slices.Clone(all), func(s *Scene) bool {
		return s.Kind&figure.About == 0 || s.aside && figure.Name != throughput.Name && figure.Name != response.Name
	})
	if len(about) == 0 {
		p.Skipped = append(p.Skipped, fmt.Sprintf("%s: the run has no %s", figure.Name, figure.About))
	}
	if figure.About&ByKind != 0 {
		about = byKind(about)
	}
	var without []skip
	for _, scene := range about {
		name := scene.name(figure.Name)
		drawing, err := figure.Draw(scene)
		if errors.Is(err, ErrNoData) {
			without = append(without, skip{name, err.Error()})
			continue
		}
		if err != nil {
			return fmt.Errorf("drawing %s: %w", name, err)
		}
		if drawing.Height > maxHeight {
			p.Skipped = append(p.Skipped, name+": it would be too long to read")
			continue
		}
		drawing.Question = cmp.Or(drawing.Question, figure.Question)
		picture, err := newPicture(name, drawing)
		if err != nil {
			return err
		}
		picture.Figure, picture.Label, picture.Group, picture.cells = figure, scene.Label, scene.Group, scene.cells()
		p.All = append(p.All, picture)
	}
	p.Skipped = append(p.Skipped, explain(figure, without, len(about))...)
	return nil
}

// skip is a figure that is not drawn of a scene, and why.
type skip struct{ name, why string }

// explain tells why a figure is not drawn of some scenes, in one line if that is the
// same for all that there are.
func explain(figure Figure, without []skip, scenes int) []string {
	if len(without) > 0 && len(without) == scenes && !slices.ContainsFunc(without, func(s skip) bool { return s.why != without[0].why }) {
		return []string{figure.Name + ": " + without[0].why}
	}
	var lines []string
	for _, s := range without {
		lines = append(lines, s.name+": "+s.why)
	}
	return lines
}
