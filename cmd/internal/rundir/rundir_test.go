package rundir

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// Runs that begin in the same second have a directory each, whether or not the first has
// ended. What else is wrong with a directory is no reason to try another.
func TestNew(t *testing.T) {
	t.Chdir(t.TempDir())
	manifest := resultstest.Run(resultstest.Config{Strategies: 1, Producers: []int{1}, Reps: 1, Samples: -1}).Manifest
	begun := time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)
	for _, name := range []string{"2026-01-31T10-00-00", "2026-01-31T10-00-00-2", "2026-01-31T10-00-00-3"} {
		var writer *results.Writer
		dir, err := New(begun, func(dir string) (err error) {
			writer, err = results.Create(dir, manifest)
			return err
		})
		if err != nil || dir != filepath.Join(Out, name) {
			t.Fatalf("created %q, %v; want %q", dir, err, name)
		}
		if name == "2026-01-31T10-00-00" { // the others go on meanwhile
			if err := writer.Finish(); err != nil {
				t.Fatal(err)
			}
		} else {
			defer func() { _ = writer.Close() }()
		}
	}
	full := errors.New("the disk is full")
	tries := 0
	if _, err := New(begun, func(string) error { tries++; return full }); !errors.Is(err, full) || tries != 1 {
		t.Errorf("%v after %d tries; want the error of the first", err, tries)
	}
}
