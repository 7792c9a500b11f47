package held

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// original writes a program and returns its path.
func original(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// A held copy stays as the program was, whatever becomes of the original, until it is
// released.
func TestHold(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	path := original(t, "first build")
	var programs Programs
	held, err := programs.Hold(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("second build"), 0o700); err != nil {
		t.Fatal(err)
	}
	again, err := programs.Hold(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	for copied, want := range map[string]string{held: "first build", again: "second build"} {
		if text, err := os.ReadFile(copied); err != nil || string(text) != want || filepath.Base(copied) != "program" {
			t.Errorf("%s holds %q, error %v; want %q", copied, text, err, want)
		}
	}
	programs.Release()
	programs.Release() // a signal may come after the end
	for _, copied := range []string{held, again} {
		if _, err := os.Stat(filepath.Dir(copied)); !os.IsNotExist(err) {
			t.Errorf("error %v of a directory that was released; want none there", err)
		}
	}
}

// A renewed copy is another file that holds the same and can be executed as before; it is
// removed like the one before.
func TestRenew(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var programs Programs
	held, err := programs.Hold(original(t, "a build"))
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(held)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := Renew(held); err != nil {
			t.Fatal(err)
		}
	}
	after, err := os.Stat(held)
	if err != nil || os.SameFile(before, after) || after.Mode() != before.Mode() {
		t.Errorf("%v, the same file: %t, mode %v; want another with %v", err, os.SameFile(before, after), after.Mode(), before.Mode())
	}
	if text, err := os.ReadFile(held); err != nil || string(text) != "a build" {
		t.Errorf("it holds %q, %v", text, err)
	}
	programs.Release()
	if _, err := os.Stat(filepath.Dir(held)); !os.IsNotExist(err) {
		t.Errorf("%v: the directory is still there", err)
	}
}

// Several may hold and release at once: none is left behind.
func TestHoldAtOnce(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	path := original(t, "build")
	var programs Programs
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := programs.Hold(path); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	programs.Release()
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("left %v, error %v", left, err)
	}
}

// A copy has the permissions of the original and never replaces a file; what is no
// regular file is refused, and the error of Hold names it.
func TestCopy(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	path, to := original(t, "build"), filepath.Join(t.TempDir(), "copy")
	if err := Copy(to, path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, error %v; want that of the original", info.Mode(), err)
	}
	if err := Copy(to, path); !os.IsExist(err) {
		t.Errorf("error %v of a copy over another file", err)
	}
	var programs Programs
	defer programs.Release()
	for _, bad := range []string{filepath.Join(t.TempDir(), "nowhere"), t.TempDir()} {
		if _, err := programs.Hold(bad); err == nil || !strings.Contains(err.Error(), "keeping a copy of ") || !strings.Contains(err.Error(), filepath.Base(bad)) {
			t.Errorf("error %v of holding %q; want it named", err, bad)
		}
	}
}
