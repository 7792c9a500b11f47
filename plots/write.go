package plots

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/files"
)

// Dir is where a run directory keeps its figures.
const Dir = "plots"

// pngDPI makes a PNG twice the 800 by something CSS pixels of a figure, crisp on
// dense screens and on paper.
const pngDPI = 192

// maxHeight is that of a figure in points: at 1600 pixels across, its PNG takes
// 120 MB in memory.
const maxHeight = 7200

// Written is what became of the figures of a run.
type Written struct {
	Files   []string // the files written, in the order of Figures
	Skipped []string // "speedup: no strategy can be compared with chan"
}

// Write draws every figure of a run into dir/plots, each as SVG and PNG. A
// figure that the run has no data for is skipped.
func Write(run *results.Run, dir string) (*Written, error) {
	dir = filepath.Join(dir, Dir)
	if err := files.MakeDir(dir); err != nil {
		return nil, fmt.Errorf("writing the figures: %w", err)
	}
	pictures, skipped, err := Pictures(run)
	if err != nil {
		return nil, err
	}
	files, err := writePictures(pictures, dir)
	if err != nil {
		return nil, err
	}
	return &Written{files, skipped}, nil
}

// writePictures writes pictures on all processors: each takes a tenth of a second of
// one, most of it for the PNG.
func writePictures(pictures []Picture, dir string) (names []string, err error) {
	written, errs := make([][]string, len(pictures)), make([]error, len(pictures))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), maxWriters) {
		workers.Go(func() {
			for i := range next {
				written[i], errs[i] = writePicture(pictures[i].Drawing, filepath.Join(dir, pictures[i].Name))
			}
		})
	}
	for i := range pictures {
		next <- i
	}
	close(next)
	workers.Wait()
	return slices.Concat(written...), errors.Join(errs...)
}

// maxWriters bounds how many pictures are in memory at a time: see maxHeight.
const maxWriters = 8

// writePicture writes a drawing in every format, path lacking the extension.
func writePicture(drawing *Drawing, path string) (names []string, err error) {
	for _, format := range []struct {
		extension string
		write     func(*Drawing, io.Writer) error
	}{{".svg", WriteSVG}, {".png", WritePNG}} {
		name := path + format.extension
		if err := files.Write(name, func(w io.Writer) error { return format.write(drawing, w) }); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

// Picture is a figure drawn of a part of a run.
type Picture struct {
	Name    string // of its files, without the extension
	Figure  Figure
	Drawing *Drawing
}

// Pictures draws every figure that a run has data for, in the order of Figures,
// and says of the others why there is none.
func Pictures(run *results.Run) (pictures []Picture, skipped []string, err error) {
	summary := results.Summarize(run)
	all := scenes(&run.Manifest, summary)
	if len(all) == maxScenes {
		skipped = append(skipped, fmt.Sprintf("more than %d combinations of parameters", maxScenes))
	}
	all = append(all, sweeps(&run.Manifest, summary)...)
	for _, figure := range Figures() {
		about := slices.DeleteFunc(slices.Clone(all), func(s *Scene) bool { return s.Kind&figure.About == 0 })
		if len(about) == 0 {
			skipped = append(skipped, fmt.Sprintf("%s: the run has no %s", figure.Name, figure.About))
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
				return nil, nil, fmt.Errorf("drawing %s: %w", name, err)
			}
			if drawing.Height > maxHeight {
				skipped = append(skipped, name+": it would be too long to look at")
				continue
			}
			pictures = append(pictures, Picture{name, figure, drawing})
		}
		skipped = append(skipped, explain(figure, without, len(about))...)
	}
	return pictures, skipped, nil
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

// WritePNG writes a drawing as PNG, 1600 pixels wide.
func WritePNG(d *Drawing, w io.Writer) error {
	c := vgimg.NewWith(vgimg.UseWH(d.Width, d.Height), vgimg.UseDPI(pngDPI))
	d.Draw(draw.New(c))
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	return err
}

// WriteSVG writes a drawing as SVG, on a ground of its own so that it can be read on
// a dark page too, with a description for those who do not see it.
func WriteSVG(d *Drawing, w io.Writer) error {
	c := vgsvg.New(d.Width, d.Height)
	d.Draw(draw.New(c))
	var text bytes.Buffer
	if _, err := c.WriteTo(&text); err != nil {
		return err
	}
	// The layout measured Liberation Sans; where that is missing, Arial and
	// Helvetica have the same widths.
	svg := bytes.ReplaceAll(bytes.Map(inXML, text.Bytes()), []byte("font-family:Liberation Sans;"),
		[]byte("font-family:'Liberation Sans',Arial,Helvetica,sans-serif;"))
	head, body, ok := bytes.Cut(svg, []byte("xlink\">\n"))
	if !ok {
		return errors.New("writing an SVG: it has no svg element")
	}
	desc := html.EscapeString(string(bytes.Map(inXML, []byte(d.Alt()))))
	_, err := fmt.Fprintf(w, "%sxlink\" role=\"img\">\n<desc>%s</desc>\n%s", head, desc, body)
	return err
}

// inXML drops what may not stand in XML in any form. The writer escapes markup but
// lets a control character through, and then no reader opens the picture.
func inXML(r rune) rune {
	if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
		return -1
	}
	return r
}
