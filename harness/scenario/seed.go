package scenario

import (
	"fmt"
	"math/rand/v2"
	"strconv"
)

// MaxSeed is the highest seed of a run and of a trial. Most readers of JSON hold a
// number as a float64, which is exact up to here: one that read a higher seed would
// write down another.
const MaxSeed = 1 << 53

// NewSeed draws a seed.
func NewSeed() uint64 { return rand.Uint64N(MaxSeed) }

// ParseSeed reads a seed.
func ParseSeed(text string) (uint64, error) {
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil || seed > MaxSeed {
		return 0, fmt.Errorf("%q is not a whole number from 0 to 2^53, up to which every reader of JSON is exact", text)
	}
	return seed, nil
}

// SeedFrom draws the seed of a trial from a plan's numbers.
func SeedFrom(random *rand.Rand) uint64 { return random.Uint64() / (1 << 11) }
