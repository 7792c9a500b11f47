package cmd

import (
	"strconv"

	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/harness"
)

// seedFlag is a seed that survives in JSON.
type seedFlag uint64

func (s *seedFlag) String() string { return strconv.FormatUint(uint64(*s), 10) }
func (s *seedFlag) Type() string   { return "uint" }

func (s *seedFlag) Set(text string) error {
	seed, err := harness.ParseSeed(text)
	*s = seedFlag(seed)
	return err
}

// registerSeed adds the flag --seed.
func registerSeed(flags *pflag.FlagSet, seed *uint64, usage string) {
	flags.Var((*seedFlag)(seed), "seed", usage)
}
