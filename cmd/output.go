package cmd

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
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
	return files.Write(path, write)
}

// checkOutDirectory refuses standard output where --out is a directory.
func checkOutDirectory(path string) error {
	if path == standardOutput {
		return usage.Errorf("--out needs a directory, and %q is standard output (./%s names a directory)", path, path)
	}
	return nil
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
