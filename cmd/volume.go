package cmd

import (
	"fmt"
	"io"

	"github.com/spf13/pflag"
)

// volume is how much a verb that makes a run directory says beside its result.
type volume struct{ quiet, verbose bool }

func (v *volume) register(flags *pflag.FlagSet) {
	flags.BoolVarP(&v.quiet, "quiet", "q", false, "print only errors and the run's directory")
	flags.BoolVarP(&v.verbose, "verbose", "v", false, "name each figure that was not drawn, and why")
}

func (v volume) check() error {
	if v.quiet && v.verbose {
		return usageErrorf("--quiet and --verbose contradict each other: give one of them")
	}
	return nil
}

// at returns the app as it speaks at a volume. What is an error goes to the standard
// error of a.
func (a *app) at(v volume) *app {
	at := *a
	at.volume = v
	if v.quiet {
		at.stderr = io.Discard
	}
	return &at
}

// sayQuietly prints a run's directory, which is all that a quiet verb prints.
func (a *app) sayQuietly(dir string) error {
	if !a.volume.quiet {
		return nil
	}
	_, err := fmt.Fprintln(a.stdout, dir)
	return err
}
