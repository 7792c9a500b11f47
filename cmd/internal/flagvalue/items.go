package flagvalue

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/results/units"
)

// mostItems is more than can be checked in a year.
const mostItems = 1e15

// parseItems reads a whole number, as 1000000, 1e6, 1M or 1 M. Items come in thousands, not
// in powers of two.
func parseItems(text string) (uint64, error) {
	n, ok := units.ParseNumber(strings.Replace(text, " ", "", 1))
	if !ok || strings.HasSuffix(text, "i") || !(n >= 1 && n <= mostItems) || n != float64(uint64(n)) {
		return 0, fmt.Errorf("%q is not a whole number from 1 to 1P, such as 200k or 1G", text)
	}
	return uint64(n), nil
}

// Items reads how many items somebody wants to wait for.
func Items(items *uint64) pflag.Value {
	return &single[uint64]{items, "items", parseItems, func(n uint64) string { return strconv.FormatUint(n, 10) }}
}
