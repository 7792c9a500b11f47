package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"path/filepath"
	"strconv"
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
	"plural": units.Plural, "join": strings.Join, "number": number,
}).Parse(pageText))

// number writes what a column is sorted by: as exactly as any table shows it.
func number(v *float64) string { return strconv.FormatFloat(*v, 'g', 6, 64) }

// WriteIndex writes the page of a run into a directory, as a whole or not at all.
func WriteIndex(dir string, run *results.Run, summary *results.Summary, pictures *plots.Pictures) error {
	return files.Write(filepath.Join(dir, IndexFile), func(w io.Writer) error { return Write(w, run, summary, pictures) })
}

// Write writes the page of a run, of its summary and its pictures.
func Write(w io.Writer, run *results.Run, summary *results.Summary, pictures *plots.Pictures) error {
	shown, err := newContent(run, summary, pictures)
	if err != nil {
		return err
	}
	style := plots.FontStyle() + darkStyle() + styleText
	return pageTemplate.Execute(w, struct {
		*content
		Policy string
		Style  template.CSS
		Script template.JS
	}{shown, policy(style, scriptText), template.CSS(style), template.JS(scriptText)}) // both are ours alone
}

// policy allows the page its own style and script and the font in its style, and nothing else. The downloads
// are links, which no policy is about.
func policy(style, script string) string {
	return fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; font-src data:; base-uri 'none'; form-action 'none'", hash(style), hash(script))
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// darkStyle replaces the colours of the figures on a dark page, but for those that
// only white paper suits.
func darkStyle() string {
	var rules strings.Builder
	for _, c := range plots.Colours() {
		for _, attribute := range []string{"fill", "stroke"} {
			fmt.Fprintf(&rules, `figure svg:not(.on-paper) [%s="%s"]{%[1]s:%[3]s}`, attribute, c.Light, c.Dark)
		}
	}
	return fmt.Sprintf("@media screen and (prefers-color-scheme:dark){%s}\n", rules.String())
}
