package output

import (
	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
)

// Volume is how much a verb says beside its result.
type Volume struct{ Quiet, Verbose bool }

// Register declares both flags, for a verb whose result is a run directory.
func (v *Volume) Register(flags *pflag.FlagSet) {
	v.RegisterQuiet(flags, "the run's directory")
	v.RegisterVerbose(flags)
}

// RegisterVerbose declares the flag of a verb that draws.
func (v *Volume) RegisterVerbose(flags *pflag.FlagSet) {
	flags.BoolVarP(&v.Verbose, "verbose", "v", false, "name each figure that was not drawn, with the reason")
}

// RegisterQuiet declares the flag of a quiet verb; left is its result, which it prints
// beside errors.
func (v *Volume) RegisterQuiet(flags *pflag.FlagSet, left string) {
	flags.BoolVarP(&v.Quiet, "quiet", "q", false, "print only errors and "+left)
}

// Check refuses both together.
func (v Volume) Check() error {
	if v.Quiet && v.Verbose {
		return usage.Errorf("--quiet and --verbose contradict each other: give one of them")
	}
	return nil
}
