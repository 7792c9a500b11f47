package plots

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/fanin-bench/fanin-bench/results/files"
)

// Dir is where a run directory keeps its figures.
const Dir = "plots"

// pngDPI makes a PNG twice the 800 by something CSS pixels of a figure, crisp on
// dense screens and on paper.
const pngDPI = 192

// maxWriters bounds how many pictures are in memory at a time: see maxHeight.
const maxWriters = 8

// Write writes every picture into dir/plots as SVG and PNG, and returns the files in
// order. It uses all processors: a picture takes a tenth of a second of one, most of
// it for the PNG.
func (p *Pictures) Write(dir string) (names []string, err error) {
	dir = filepath.Join(dir, Dir)
	if err := files.MakeDir(dir); err != nil {
		return nil, fmt.Errorf("writing the figures: %w", err)
	}
	written, errs := make([][]string, len(p.All)), make([]error, len(p.All))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), maxWriters) {
		workers.Go(func() {
			for i := range next {
				written[i], errs[i] = p.All[i].write(filepath.Join(dir, p.All[i].Name))
			}
		})
	}
	for i := range p.All {
		next <- i
	}
	close(next)
	workers.Wait()
	return slices.Concat(written...), errors.Join(errs...)
}

// write writes a picture in every format, path lacking the extension.
func (p *Picture) write(path string) (names []string, err error) {
	for _, format := range []struct {
		extension string
		write     func(io.Writer) error
	}{{".svg", p.SVG.WriteFile}, {".png", p.writePNG}} {
		name := path + format.extension
		if err := files.Write(name, format.write); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

// writePNG writes 1600 pixels across.
func (p *Picture) writePNG(w io.Writer) error {
	c := vgimg.NewWith(vgimg.UseWH(p.drawing.Width, p.drawing.Height), vgimg.UseDPI(pngDPI))
	p.drawing.Draw(draw.New(c))
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	return err
}
