package resultstest

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Update says that golden files are to be written instead of read: it is the flag
// -update of every test binary that has some.
var Update = flag.Bool("update", false, "rewrite the golden files")

// Golden compares a text with a golden file and shows the first line that differs.
func Golden(t testing.TB, file, got string) {
	t.Helper()
	if *Update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(got), 0o644)); err != nil {
			t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	lines, want := strings.Split(got, "\n"), strings.Split(string(text), "\n")
	for i, line := range lines {
		if i >= len(want) {
			t.Errorf("%s ends before line %d (go test -update rewrites it): %q", file, i+1, line)
			return
		}
		if line != want[i] {
			t.Errorf("%s differs from line %d on (go test -update rewrites it): got %q, want %q", file, i+1, line, want[i])
			return
		}
	}
	if len(want) > len(lines) {
		t.Errorf("%s goes on in line %d (go test -update rewrites it): want %q", file, len(lines)+1, want[len(lines)])
	}
}
