package held

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A copy that a killed process has left is removed by the next that keeps one. One that is
// in use stays, and so does one that was just begun.
func TestLeftCopies(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	program := filepath.Join(tmp, "program")
	if err := os.WriteFile(program, []byte("text"), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	left, begun := filepath.Join(tmp, prefix+"left"), filepath.Join(tmp, prefix+"begun")
	for _, dir := range []string{left, begun} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	var first, second Programs
	used, err := first.Hold(program)
	if err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-time.Hour)
	for _, dir := range []string{left, filepath.Dir(used)} {
		if err := os.Chtimes(dir, long, long); err != nil {
			t.Fatal(err)
		}
	}
	other, err := second.Hold(program)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{left: false, begun: true, used: true, other: true} {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) == want {
			t.Errorf("%s: %v; want it there: %v", path, err, want)
		}
	}
	first.Release()
	second.Release()
	for _, path := range []string{filepath.Dir(used), filepath.Dir(other)} {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", path, err)
		}
	}
}
