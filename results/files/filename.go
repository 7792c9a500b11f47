package files

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// MaxName is how many bytes the name of a file may have, as nearly every file
// system has it.
const MaxName = 255

// Name returns a name of at most so many bytes: a longer one is cut between two
// characters, and ends in a hash of the whole, so that two never become one.
func Name(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	mark := "-" + hex.EncodeToString(sum[:6])
	end := limit - len(mark)
	for end > 0 && !utf8.RuneStart(name[end]) {
		end--
	}
	return name[:end] + mark
}

// Portable returns a name with dashes in place of what some file system, or a store of CI
// artifacts, does not take in one.
func Portable(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`"*/:<>?\|`, r) {
			return '-'
		}
		return r
	}, name)
}
