package flagvalue

import (
	"fmt"
	"strconv"

	"github.com/dustin/go-humanize"
	"github.com/spf13/pflag"
)

// mostItems is more than can be checked in a year.
const mostItems = 1e15

// parseItems reads a whole number, as 1000000, 1e6 or 1M.
func parseItems(text string) (uint64, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		var unit string
		if n, unit, err = humanize.ParseSI(text); err == nil && unit != "" {
			err = fmt.Errorf("unit %q", unit)
		}
	}
	if err != nil || !(n >= 1 && n <= mostItems) || n != float64(uint64(n)) {
		return 0, fmt.Errorf("%q is not a whole number from 1 to 1P, such as 200k or 1G", text)
	}
	return uint64(n), nil
}

// Items reads how many items somebody wants to wait for.
func Items(items *uint64) pflag.Value {
	return &single[uint64]{items, "items", parseItems, func(n uint64) string { return strconv.FormatUint(n, 10) }}
}
