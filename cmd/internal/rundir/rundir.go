package rundir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
)

// Out is where runs go unless --out says otherwise.
const Out = "out"

// Latest is the link to the newest run.
func Latest() string { return filepath.Join(Out, "latest") }

// sameSecond is how many runs may begin in one second, each in a directory of its own.
const sameSecond = 100

// New has a directory created that is named after a time, and returns its name. The
// second run of a second is out/TIME-2.
func New(now time.Time, create func(dir string) error) (dir string, err error) {
	first := filepath.Join(Out, now.Format("2006-01-02T15-04-05"))
	dir = first
	for n := 2; ; n++ {
		if err = create(dir); !errors.Is(err, results.ErrTaken) || n > sameSecond {
			return dir, err
		}
		dir = fmt.Sprintf("%s-%d", first, n)
	}
}

// PointLatest makes out/latest a link to a run.
func PointLatest(dir string) error {
	link := Latest()
	next := link + ".new"
	_ = os.Remove(next)
	err := os.Symlink(filepath.Base(dir), next)
	if err == nil {
		err = os.Rename(next, link)
	}
	if err != nil {
		return fmt.Errorf("pointing %s at the run: %w", link, err)
	}
	return nil
}

// leanGC is the percentage by which the heap may grow between two collections while it
// holds runs. A run of 100 000 trials is 400 MB there, which Go's 100 makes 1.1 GB.
const leanGC = 50

// Lean keeps the heap small unless GOGC says something else. undo takes that back.
func Lean() (undo func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	was := debug.SetGCPercent(leanGC)
	return func() { debug.SetGCPercent(was) }
}

// Open opens a run directory in a process that measures nothing.
func Open(dir string) (*results.Run, error) {
	Lean()
	return results.Open(dir)
}
