package flagvalue

import (
	"strconv"

	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/harness/scenario"
)

// Seed reads a seed that survives in JSON.
func Seed(seed *uint64) pflag.Value {
	return &single[uint64]{seed, "uint", scenario.ParseSeed, func(seed uint64) string { return strconv.FormatUint(seed, 10) }}
}
