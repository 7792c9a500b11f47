// Package report makes the page of a run: one HTML file that needs no other and
// no network, for people who want to know which strategy to use.
//
//  1. Every question is answered for every class of strategies that may be compared
//     (questions.go, class.go), by ranking their trials (rank.go, verdict.go).
//  2. The figures of package plots are drawn into the page, with the values of their
//     points beside them for the script to show.
//  3. Tables, descriptors, failures, warnings and environment follow, and the raw
//     data as downloads (content.go, attachment.go).
//
// The page says by its content security policy that nothing is loaded and nothing
// runs but its own style and script. Every text from a run directory passes through
// html/template or the SVG writer, which escape it. Equal runs give equal pages.
//
// The package is the program's own: its API may change with every version.
package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"path/filepath"
	"strings"

	"github.com/fanin-bench/fanin-bench/plots"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/files"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// IndexFile is the page in a run directory.
const IndexFile = "index.html"

var (
	//go:embed page.html
	pageText string
	//go:embed page.css
	styleText string
	//go:embed page.js
	scriptText string
)

var pageTemplate = template.Must(template.New(IndexFile).Funcs(template.FuncMap{
	"plural": units.Plural, "join": strings.Join,
}).Parse(pageText))

// WriteIndex writes the page of a run into a directory.
func WriteIndex(run *results.Run, dir string) error {
	return WriteFile(run, filepath.Join(dir, IndexFile))
}

// WriteFile writes the page of a run to a file, as a whole or not at all.
func WriteFile(run *results.Run, path string) error {
	return files.Write(path, func(w io.Writer) error { return Write(run, w) })
}

// Write writes the page of a run.
func Write(run *results.Run, w io.Writer) error {
	shown, err := newContent(run)
	if err != nil {
		return err
	}
	style := colourStyle() + styleText
	return pageTemplate.Execute(w, struct {
		*content
		Policy string
		Style  template.CSS
		Script template.JS
	}{shown, policy(style, scriptText), template.CSS(style), template.JS(scriptText)}) // both are ours alone
}

// policy allows the page its own style and script, and nothing else. The downloads
// are links, which no policy is about.
func policy(style, script string) string {
	return fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'", hash(style), hash(script))
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// colourStyle defines the colours of the figures on light and dark pages and on
// paper, and their classes.
func colourStyle() string {
	var light, dark, classes strings.Builder
	for _, c := range plots.Colours() {
		fmt.Fprintf(&light, "--p-%s:%s;", c.Name, c.Light)
		fmt.Fprintf(&dark, "--p-%s:%s;", c.Name, c.Dark)
		fmt.Fprintf(&classes, ".f-%[1]s{fill:var(--p-%[1]s)}.s-%[1]s{fill:none;stroke:var(--p-%[1]s)}", c.Name)
	}
	return fmt.Sprintf(":root,svg.on-paper{%s}\n@media screen and (prefers-color-scheme:dark){:root{%s}svg.on-paper{%s}}\n%s\n",
		light.String(), dark.String(), light.String(), classes.String())
}
