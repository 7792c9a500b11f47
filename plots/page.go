package plots

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/results"
)

// IndexFile is the page that WriteIndex makes.
const IndexFile = "index.html"

//go:embed page.html
var pageText string

// page is what the template shows.
type page struct {
	Manifest    *results.Manifest
	Headline    string
	Command     string
	Figures     []pageFigure
	Skipped     []string
	Tables      []pageTable
	Warnings    []string
	Environment [][2]string
}

type pageFigure struct {
	Name, Question, Read string
	SVG                  template.HTML
}

type pageTable struct {
	results.Table
	Sheet *results.Sheet
}

// WriteIndex writes dir/index.html: figures, tables, warnings and environment
// of a run in one file that needs no other and no network.
func WriteIndex(run *results.Run, dir string) error {
	data, err := newPage(run)
	if err != nil {
		return err
	}
	t, err := template.New(IndexFile).Parse(pageText)
	if err != nil {
		return fmt.Errorf("writing %s: %w", IndexFile, err)
	}
	return results.WriteFileAtomic(filepath.Join(dir, IndexFile), func(w io.Writer) error { return t.Execute(w, data) })
}

func newPage(run *results.Run) (*page, error) {
	summary := results.Summarize(run)
	p := &page{
		Manifest: &run.Manifest, Headline: results.Headline(&run.Manifest), Command: strings.Join(run.Manifest.Command, " "),
		Warnings: summary.AllWarnings(), Environment: environment(&run.Manifest),
	}
	pictures, skipped, err := drawAll(run)
	if err != nil {
		return nil, err
	}
	p.Skipped = skipped
	for _, picture := range pictures {
		svg, err := inlineSVG(picture.drawing)
		if err != nil {
			return nil, fmt.Errorf("drawing %s: %w", picture.name, err)
		}
		p.Figures = append(p.Figures, pageFigure{picture.name, picture.drawing.Question, picture.figure.Read, svg})
	}
	for _, t := range results.Tables() {
		if sheet := summary.Sheet(t); sheet != nil {
			p.Tables = append(p.Tables, pageTable{t, sheet})
		}
	}
	return p, nil
}

// inlineSVG returns a drawing as an element for a page: without the XML
// declaration, and as wide as the page lets it.
func inlineSVG(d *Drawing) (template.HTML, error) {
	var text bytes.Buffer
	if err := WriteSVG(d, &text); err != nil {
		return "", err
	}
	_, element, ok := strings.Cut(text.String(), "<svg ")
	_, content, closed := strings.Cut(element, ">")
	if !ok || !closed {
		return "", fmt.Errorf("the SVG has no svg element")
	}
	// What is in it was escaped by the SVG writer.
	return template.HTML(fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.5g %.5g" role="img" aria-label="%s">%s`,
		d.Width, d.Height, template.HTMLEscapeString(d.Question), content)), nil
}

// environment lists what is known of the machine, unknown facts left out.
func environment(m *results.Manifest) [][2]string {
	if len(m.Machines) > 0 {
		var facts [][2]string
		for _, machine := range m.Machines {
			facts = append(facts, [2]string{machine.Name, machine.Environment.String()})
		}
		return facts
	}
	e := m.Environment
	text := func(format string, v any, known bool) string {
		if !known {
			return ""
		}
		return fmt.Sprintf(format, v)
	}
	facts := [][2]string{
		{"CPU", e.CPU},
		{"cores", text("%d", e.Cores, e.Cores > 0)},
		{"GOMAXPROCS", text("%d", e.GOMAXPROCS, e.GOMAXPROCS > 0)},
		{"Go", e.Go},
		{"GOEXPERIMENT", e.GOEXPERIMENT},
		{"GOGC", e.GOGC},
		{"system", strings.TrimSpace(e.OS + "/" + e.Arch + " " + e.Kernel)},
		{"virtualization", e.Virtual},
		{"governor", e.Governor},
		{"cgroup quota", text("%g CPUs", e.CgroupCPUs, e.CgroupCPUs > 0)},
		{"load at the start", text("%.2f", e.Load1, e.Load1 > 0)},
		{"memory", text("%.1f GiB", float64(e.MemoryBytes)/(1<<30), e.MemoryBytes > 0)},
		{"clock", strings.TrimSpace(e.Clock + text(", %.1f ns a reading", e.ClockNs, e.ClockNs > 0))},
		{"commit", e.Commit},
		{"fanin-bench", m.Version},
		{"isolation", m.Isolation},
		{"seed", fmt.Sprint(m.Seed)},
		{"started", m.Started.UTC().Format("2006-01-02 15:04 UTC")},
	}
	return slices.DeleteFunc(facts, func(f [2]string) bool { return f[1] == "" })
}
