package results

import (
	"slices"
	"strings"
)

// BlankMeans says what a blank stands for in the tables of a run.
const BlankMeans = "not measured: the strategy has no such cell, or what is asked does not concern it"

// Legend explains in a line what in a sheet is neither a number nor a word; "" if nothing
// is. Blank is how it shows what is absent.
func (s *Sheet) Legend(blank string) string {
	var parts []string
	if s.has(func(text string) bool { return text == "" }) {
		means := s.BlankMeans
		if means == "" {
			means = BlankMeans
		}
		parts = append(parts, blank+": "+means)
	}
	if s.has(func(text string) bool { return strings.Contains(text, "≤") }) {
		parts = append(parts, "≤: no more than this, which is the pacer's own error")
	}
	return strings.Join(parts, "; ")
}

func (s *Sheet) has(is func(text string) bool) bool {
	return slices.ContainsFunc(s.Rows, func(r Row) bool { return slices.ContainsFunc(r.Texts, is) })
}
