package terminal

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// shownErrors is how many of several errors a line shows. A full disk brings one for
// each file.
const shownErrors = 2

// OneLine returns an error in one line: of several that were joined the first, and how
// many more there are.
func OneLine(err error) string {
	var lines []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	more := len(lines) - shownErrors
	if more <= 0 {
		return strings.Join(lines, "; ")
	}
	return fmt.Sprintf("%s; and %d more", strings.Join(lines[:shownErrors], "; "), more)
}

// ShellQuoted returns a word as a shell reads it, in one line.
func ShellQuoted(word string) string {
	plain := func(r rune) bool {
		return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune("_./-", r)
	}
	switch {
	case word != "" && strings.TrimFunc(word, plain) == "":
		return word
	case strings.ContainsFunc(word, unicode.IsControl):
		return "$" + "'" + strings.ReplaceAll(escaped(word), "'", `\'`) + "'"
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// escaped writes what is not a printable character as $'...' of a shell has it.
func escaped(word string) string {
	var b strings.Builder
	for _, c := range []byte(word) {
		switch {
		case c == '\\':
			b.WriteString(`\\`)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Path returns a path as a line shows it: quoted where it would break the line, or
// would speak to the terminal.
func Path(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(path)
	}
	return path
}
