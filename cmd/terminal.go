package cmd

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// printJSON writes indented JSON.
func printJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// isTerminal reports whether somebody looks at what is written, on a screen that
// can do more than add lines.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb"
}

// wantsColour follows no-color.org, and CLICOLOR_FORCE for pagers that show colours.
func wantsColour(out io.Writer) bool {
	if os.Getenv("NO_COLOR") != "" {
		return false
	}
	if force := os.Getenv("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	return isTerminal(out)
}

// style is what makes text stand out: a sequence of SGR parameters.
type style string

const (
	plain  style = ""
	bold   style = "1"
	faint  style = "2"
	red    style = "31"
	yellow style = "33"
	cyan   style = "36"
)

// page is text for people: aligned, and in colour where that is wanted.
type page struct {
	out    *bufio.Writer
	colour bool
}

func newPage(out io.Writer) *page { return &page{bufio.NewWriter(out), wantsColour(out)} }

// flush writes what is left and returns the first error of all.
func (p *page) flush() error { return p.out.Flush() }

func (p *page) text(s style, text string) {
	if s != plain && p.colour && text != "" {
		text = "\x1b[" + string(s) + "m" + text + "\x1b[0m"
	}
	p.out.WriteString(text)
}

// heading begins a part of the page.
func (p *page) heading(title, note string) {
	p.text(bold, title)
	p.text(faint, ": "+note)
	p.out.WriteByte('\n')
}

// cell is a text in a table.
type cell struct {
	text  string
	style style
}

func cells(texts ...string) []cell {
	row := make([]cell, len(texts))
	for i, text := range texts {
		row[i].text = text
	}
	return row
}

// columnGap is between two columns of a table.
const columnGap = "  "

// table writes rows of equal length below each other, the first of them as the
// head; the first left columns begin at the left, the others end at the right.
func (p *page) table(left int, rows [][]cell) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(c.text))
		}
	}
	for _, row := range rows {
		room := "" // not written until something follows: no line ends in spaces
		for i, c := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c.text))
			if i >= left {
				room, pad = room+pad, ""
			}
			if c.text != "" {
				p.out.WriteString(room)
				p.text(c.style, c.text)
				room = ""
			}
			room += pad + columnGap
		}
		p.out.WriteByte('\n')
	}
}
