package cmd

import (
	"strconv"

	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/harness"
)

// registerSeed adds the flag --seed, of seeds that survive in JSON.
func registerSeed(flags *pflag.FlagSet, seed *uint64, usage string) {
	flags.Var(&valueFlag[uint64]{seed, "uint", harness.ParseSeed, func(seed uint64) string { return strconv.FormatUint(seed, 10) }}, "seed", usage)
}
