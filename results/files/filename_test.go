package files_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fanin-bench/fanin-bench/results/files"
)

// Names that are too long are cut to valid text, and stay apart.
func TestFileName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "short", strings.Repeat("n", 40)} {
		if got := files.Name(name, 40); got != name {
			t.Errorf("%q became %q", name, got)
		}
	}
	seen := map[string]bool{}
	for _, letter := range []string{"n", "é", "語", "🐢"} {
		for extra := range 5 {
			name := strings.Repeat("x", extra) + strings.Repeat(letter, 100)
			for _, long := range []string{name, name + "1", name + "2"} {
				got := files.Name(long, 100)
				if len(got) > 100 || len(got) < 96 && letter == "n" || !utf8.ValidString(got) || seen[got] {
					t.Errorf("%q became %q of %d bytes, seen before: %v", long, got, len(got), seen[got])
				}
				if seen[got] = true; got[:20] != long[:20] && utf8.ValidString(long[:20]) {
					t.Errorf("%q does not begin as %q", got, long)
				}
			}
		}
	}
}

func TestPortable(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"mixed_payload-bimodal:64-1MiB-0.1": "mixed_payload-bimodal-64-1MiB-0.1",
		"a\"b*c/d<e>f?g\\h|i\r\n":           "a-b-c-d-e-f-g-h-i--",
		"größer_1.5":                        "größer_1.5",
	} {
		if got := files.Portable(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}
