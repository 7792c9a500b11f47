package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/fanin-bench/fanin-bench/results"
)

// outDir is where runs go unless --out says otherwise.
const outDir = "out"

// latest is the link to the newest run.
func latest() string { return filepath.Join(outDir, "latest") }

// pointLatest makes out/latest a link to dir. Where links are not allowed, as on
// some Windows machines, the run is not worth failing for that.
func (a *app) pointLatest(dir string) {
	link := latest()
	next := link + ".new"
	_ = os.Remove(next)
	err := os.Symlink(filepath.Base(dir), next)
	if err == nil {
		err = os.Rename(next, link)
	}
	if err != nil {
		fmt.Fprintf(a.stderr, "warning: pointing %s at the run: %v\n", link, err)
	}
}

// openRun opens the run directory that args name, the latest if they name none,
// and prints what is wrong with it.
func (a *app) openRun(args []string) (*results.Run, error) {
	dir := latest()
	if len(args) == 1 {
		dir = args[0]
	}
	run, err := openLean(dir)
	if err != nil {
		return nil, err
	}
	for _, warning := range run.Warnings {
		fmt.Fprintln(a.stderr, "warning:", warning)
	}
	return run, nil
}

// leanGC is the percentage by which the heap may grow between two collections while it
// holds runs. A run of 100 000 trials is 400 MB there, which Go's 100 makes 1.1 GB.
const leanGC = 50

// lean keeps the heap small unless GOGC says something else. undo takes that back.
func lean() (undo func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	was := debug.SetGCPercent(leanGC)
	return func() { debug.SetGCPercent(was) }
}

// openLean opens a run directory in a process that measures nothing.
func openLean(dir string) (*results.Run, error) {
	lean()
	return results.Open(dir)
}
