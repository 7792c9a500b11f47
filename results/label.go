package results

import (
	"fmt"
	"strings"
	"unicode"
)

// maxLabelBytes keeps a label to what a table has room for.
const maxLabelBytes = 100

// CheckLabel reports what is wrong with the label of a run: it is a line of text that
// can be seen.
func CheckLabel(label string) error {
	switch {
	case strings.TrimSpace(label) == "":
		return fmt.Errorf("label %.40q is empty", label)
	case len(label) > maxLabelBytes:
		return fmt.Errorf("label %.40q... has %d bytes; at most %d", label, len(label), maxLabelBytes)
	case strings.ContainsFunc(label, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }):
		return fmt.Errorf("label %q may hold printable characters only", label)
	}
	return nil
}

// validateLabel checks the label of a run that has one.
func (m *Manifest) validateLabel() error {
	if m.Label == "" {
		return nil
	}
	return CheckLabel(m.Label)
}

// commonLabel returns the label of some runs, empty if they have different ones.
func commonLabel(runs []*Run) string {
	for _, run := range runs {
		if run.Manifest.Label != runs[0].Manifest.Label {
			return ""
		}
	}
	return runs[0].Manifest.Label
}
