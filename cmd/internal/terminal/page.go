package terminal

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// WriteJSON writes indented JSON.
func WriteJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// Is reports whether somebody looks at what is written, on a screen that
// can do more than add lines.
func Is(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb"
}

// WantsColour follows no-color.org, and CLICOLOR_FORCE for pagers that show colours.
func WantsColour(out io.Writer) bool {
	if os.Getenv("NO_COLOR") != "" {
		return false
	}
	if force := os.Getenv("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	return Is(out)
}

// Style is what makes text stand out: a sequence of SGR parameters.
type Style string

// Styles.
const (
	Plain  Style = ""
	Bold   Style = "1"
	Faint  Style = "2"
	Red    Style = "31"
	Yellow Style = "33"
	Cyan   Style = "36"
)

// Page is text for people: aligned, and in colour where that is wanted.
type Page struct {
	out    *bufio.Writer
	colour bool
}

// NewPage begins a page.
func NewPage(out io.Writer) *Page { return &Page{bufio.NewWriter(out), WantsColour(out)} }

// Flush writes what is left and returns the first error of all.
func (p *Page) Flush() error { return p.out.Flush() }

// Text writes text in a style, if colours are wanted.
func (p *Page) Text(s Style, text string) {
	if s != Plain && p.colour && text != "" {
		text = "\x1b[" + string(s) + "m" + text + "\x1b[0m"
	}
	p.out.WriteString(text)
}

// Heading begins a part of the page.
func (p *Page) Heading(title, note string) {
	p.Text(Bold, title)
	p.Text(Faint, ": "+note)
	p.out.WriteByte('\n')
}

// Cell is a text in a table.
type Cell struct {
	Text  string
	Style Style
}

// Cells makes a row of plain texts.
func Cells(texts ...string) []Cell {
	row := make([]Cell, len(texts))
	for i, text := range texts {
		row[i].Text = text
	}
	return row
}

// columnGap is between two columns of a table.
const columnGap = "  "

// Table writes rows of equal length below each other, the first of them as the
// head; the first left columns begin at the left, the others end at the right.
func (p *Page) Table(left int, rows [][]Cell) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(c.Text))
		}
	}
	for _, row := range rows {
		room := "" // not written until something follows: no line ends in spaces
		for i, c := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c.Text))
			if i >= left {
				room, pad = room+pad, ""
			}
			if c.Text != "" {
				p.out.WriteString(room)
				p.Text(c.Style, c.Text)
				room = ""
			}
			room += pad + columnGap
		}
		p.out.WriteByte('\n')
	}
}
