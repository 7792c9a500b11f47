package report

import (
	_ "embed"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/plots"
	"github.com/fanin-bench/fanin-bench/results"
)

// environments are the fonts that a machine has, those of a bare Linux and of one with the
// widths of Arial, and which files they are.
var environments = map[string]string{"DejaVu Sans": "*/dejavu/*", "Liberation Sans": "*/LiberationSans-*"}

// TestLayoutInChromium finds texts of the page and of its figures that overlap, are cut,
// or widen the page, on screens of several widths and on paper, whatever fonts there are.
func TestLayoutInChromium(t *testing.T) {
	t.Parallel()
	reference, err := results.Open(filepath.Join("..", "..", "docs", "reference", "amd-epyc"))
	if err != nil {
		t.Fatal(err)
	}
	summary, pictures := pictured(t, reference)
	figure := figureFile(t, pictures)
	pages := map[string]string{"example": fileOf(t, made(t, examplePage)), "reference": indexFile(t, reference, summary, pictures)}
	for family, files := range environments {
		t.Run(family, func(t *testing.T) {
			b := startBrowser(t, "FONTCONFIG_FILE="+onlyFonts(t, files))
			for name, address := range pages {
				t.Run(name, func(t *testing.T) {
					b.t = t
					b.open(address)
					checkFamily(t, b, family)
					b.eval(layoutScript, nil)
					for _, width := range []int{375, 800, 1280} {
						b.size(width, 900)
						checkLayout(t, b, fmt.Sprintf("%d pixels", width), fmt.Sprintf("layout.screen(%t)", width >= 1280))
					}
					checkPaper(t, b)
				})
			}
			t.Run("file", func(t *testing.T) {
				b.t = t
				b.open(figure)
				b.wait(`document.fonts.status === "loaded"`)
				b.eval(layoutScript, nil)
				checkLayout(t, b, "a file", "layout.figures()")
			})
		})
	}
}

// indexFile writes the page of a run as a command does and returns its address.
func indexFile(t *testing.T, run *results.Run, summary *results.Summary, pictures *plots.Pictures) string {
	t.Helper()
	dir := t.TempDir()
	if err := WriteIndex(dir, run, summary, pictures); err != nil {
		t.Fatal(err)
	}
	return (&url.URL{Scheme: "file", Path: filepath.Join(dir, IndexFile)}).String()
}

// figureFile writes the first of some figures and returns its address.
func figureFile(t *testing.T, pictures *plots.Pictures) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := (&plots.Pictures{All: pictures.All[:1]}).Write(dir, plots.DPI); err != nil {
		t.Fatal(err)
	}
	return (&url.URL{Scheme: "file", Path: filepath.Join(dir, plots.Dir, pictures.All[0].Name+".svg")}).String()
}

// onlyFonts writes a fontconfig file that knows some of the system's fonts, and the names
// that stand for others. A folder is not rejected, as fontconfig would not look into it.
func onlyFonts(t *testing.T, files string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fonts.conf")
	text := `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>/usr/share/fonts</dir><include ignore_missing="yes">/etc/fonts/conf.d</include><cachedir>` + t.TempDir() + `</cachedir>
<selectfont><rejectfont><glob>*.*</glob></rejectfont><acceptfont><glob>` + files + `</glob></acceptfont></selectfont></fontconfig>`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// checkFamily skips the test where the system lacks a family, which shows in what the
// page is written in.
func checkFamily(t *testing.T, b *browser, family string) {
	t.Helper()
	for _, domain := range []string{"DOM", "CSS"} {
		b.call(domain+".enable", nil, nil)
	}
	var document struct{ Root struct{ NodeID int } }
	b.call("DOM.getDocument", nil, &document)
	var heading struct{ NodeID int }
	b.call("DOM.querySelector", map[string]any{"nodeId": document.Root.NodeID, "selector": "h1"}, &heading)
	var used struct{ Fonts []struct{ FamilyName string } }
	b.call("CSS.getPlatformFontsForNode", map[string]any{"nodeId": heading.NodeID}, &used)
	if len(used.Fonts) == 0 || used.Fonts[0].FamilyName != family {
		t.Skipf("the page is in %v: there is no %s (Debian: apt-get install fonts-dejavu-core fonts-liberation)", used.Fonts, family)
	}
}

//go:embed testdata/layout.js
var layoutScript string

func checkLayout(t *testing.T, b *browser, where, expression string) {
	t.Helper()
	var wrong []string
	b.eval(expression, &wrong)
	if len(wrong) > 0 {
		t.Errorf("at %s:\n%s", where, strings.Join(wrong, "\n"))
	}
}

// checkPaper lets the browser break the page into columns of the size of a sheet, which it
// does by the rules of pages, and where things stand can be asked.
func checkPaper(t *testing.T, b *browser) {
	t.Helper()
	const width, height = 718, 980 // what margins of 12 mm leave of an A4, which is narrower, and of a letter, which is lower
	b.size(width, height)
	b.call("Emulation.setEmulatedMedia", map[string]any{"media": "print"}, nil)
	checkLayout(t, b, "print", fmt.Sprintf("layout.paper(%d, %d)", width, height))
	b.call("Emulation.setEmulatedMedia", map[string]any{"media": ""}, nil)
}
