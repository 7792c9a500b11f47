package cmd

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results/files"
)

// BASE lies beside the run however its directory is named.
func TestBesides(t *testing.T) {
	t.Chdir(t.TempDir())
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("n", 253)
	for dir, want := range map[string]string{
		"a": "a-base", "a/": "a-base", "a//": "a-base", "./a/.": "a-base", "b/a/": "b/a-base", "/b/a": "/b/a-base",
		".": here + "-base", "..": filepath.Dir(here) + "-base", "../": filepath.Dir(here) + "-base", "../a": "../a-base",
		"b/" + long: "b/" + files.Name(long, 250) + "-base",
	} {
		if got, err := besides(dir); err != nil || got != filepath.FromSlash(want) {
			t.Errorf("%q has %q beside it (%v), want %q", dir, got, err, want)
		}
	}
}

func TestVersionIn(t *testing.T) {
	for text, want := range map[string]string{"\n": "", "fanin-bench v1.2 go1.26 linux/amd64\n": "v1.2"} {
		if got := versionIn(text); got != want {
			t.Errorf("version %q in %q, want %q", got, text, want)
		}
	}
}
