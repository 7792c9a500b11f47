package files

import (
	"crypto/sha256"
	"encoding/hex"
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
