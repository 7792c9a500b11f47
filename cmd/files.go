package cmd

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/files"
)

// standardOutput is what a user calls it where a file is asked for.
const standardOutput = "-"

// toStdout reports whether a file named by the user is standard output, which it is
// also when none is named.
func (a *app) toStdout(path string) bool {
	if path == "" || path == standardOutput {
		return true
	}
	if a.stdout != io.Writer(os.Stdout) {
		return false
	}
	// /dev/stdout: what else writes there, as a shell that appends, shares its place.
	named, err := os.Stat(path)
	if err != nil {
		return false
	}
	ours, err := os.Stdout.Stat()
	return err == nil && os.SameFile(named, ours)
}

// write writes a file named by the user, or standard output.
func (a *app) write(path string, write func(io.Writer) error) error {
	if a.toStdout(path) {
		return write(a.stdout)
	}
	if err := checkNoSource(path); err != nil {
		return err
	}
	return files.Write(path, write)
}

// checkNoSource refuses to replace the files of a run from which all others are made:
// there is no second copy of what was measured.
func checkNoSource(path string) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	dir, name := filepath.Split(path)
	if name != results.ManifestFile && name != results.TrialsFile {
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, results.ManifestFile)); err != nil {
		return nil // it is no run
	}
	return usage.Errorf("--out: %q holds what the run measured, and cannot be replaced", path)
}

// checkOutDirectory refuses standard output where --out is a directory.
func checkOutDirectory(path string) error {
	if path == standardOutput {
		return usage.Errorf("--out needs a directory, and %q is standard output (./%s names a directory)", path, path)
	}
	return nil
}

// noting is a writer that keeps the first error, for those who print without a look at it.
type noting struct {
	to  io.Writer
	err error
}

func (n *noting) Write(p []byte) (int, error) {
	if n.err != nil {
		return 0, n.err
	}
	written, err := n.to.Write(p)
	n.err = err
	return written, err
}

// failed returns the error, as who reads it understands it.
func (n *noting) failed() error {
	if n.err == nil {
		return nil
	}
	return fmt.Errorf("printing: %w", n.err)
}

// volume is how much a verb says beside its result.
type volume struct{ quiet, verbose bool }

func (v *volume) register(flags *pflag.FlagSet) {
	v.registerQuiet(flags, "the run's directory")
	v.registerVerbose(flags)
}

// registerVerbose declares the flag of a verb that draws.
func (v *volume) registerVerbose(flags *pflag.FlagSet) {
	flags.BoolVarP(&v.verbose, "verbose", "v", false, "name each figure that was not drawn, with the reason")
}

// registerQuiet declares the flag of a quiet verb; left is its result, which it prints
// beside errors.
func (v *volume) registerQuiet(flags *pflag.FlagSet, left string) {
	flags.BoolVarP(&v.quiet, "quiet", "q", false, "print only errors and "+left)
}

func (v volume) check() error {
	if v.quiet && v.verbose {
		return usage.Errorf("--quiet and --verbose contradict each other: give one of them")
	}
	return nil
}

// at returns the app as it speaks at a volume. Failures go to the standard error of a
// at any volume.
func (a *app) at(v volume) *app {
	at := *a
	at.volume, at.failures = v, a.stderr
	if v.quiet {
		at.stderr = io.Discard
	}
	return &at
}

// sayDirectory prints where a run is to out, which is all that a quiet verb prints of it.
func (a *app) sayDirectory(out io.Writer, dir string) error {
	if !a.volume.quiet {
		return nil
	}
	if _, err := fmt.Fprintln(out, dir); err != nil {
		return fmt.Errorf("printing the run's directory: %w", err)
	}
	return nil
}

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
