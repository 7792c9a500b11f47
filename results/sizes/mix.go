package sizes

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/fanin-bench/fanin-bench/results/units"
)

// What a mix may be. Sizes beyond the largest count as that, and those below a byte as one.
const (
	Largest   = 1 << 20
	mostSigma = 5     // at which a hundredth of the sizes is some 100 000 times the median
	leastRare = 0.001 // below it, a share is of too few items to be seen in a trial
)

// Forms says how a mix is written, for help and errors.
const Forms = "lognormal:MEDIAN/SIGMA or bimodal:SMALL/LARGE/SHARE"

// steps is into how many sizes a mix is divided, each of which is as frequent.
const steps = 1 << 12

// Mix is a distribution of sizes from 1 byte to Largest. The zero value is none.
type Mix struct {
	lognormal     bool
	median, large int
	sigma         float64 // of the logarithm
	share         float64 // of items that are large
}

// Is reports whether a text means to be a mix, and not a size.
func Is(text string) bool { return strings.Contains(text, ":") }

// Parse reads a mix.
func Parse(text string) (Mix, error) {
	kind, values, _ := strings.Cut(text, ":")
	parts := strings.Split(values, "/")
	var m Mix
	var err error
	switch {
	case kind == "lognormal" && len(parts) == 2:
		m.lognormal = true
		if m.median, err = parseSize(parts[0]); err == nil {
			m.sigma, err = parseNumber("sigma", parts[1], 0, mostSigma)
		}
	case kind == "bimodal" && len(parts) == 3:
		if m.median, err = parseSize(parts[0]); err == nil {
			m.large, err = parseSize(parts[1])
		}
		if err == nil {
			m.share, err = parseNumber("share", parts[2], leastRare, 1-leastRare)
		}
		if err == nil && m.large <= m.median {
			err = fmt.Errorf("the large size is not above the small one")
		}
	default:
		err = fmt.Errorf("want %s, as in lognormal:1KiB/2 or bimodal:64/1MiB/0.1", Forms)
	}
	if err != nil {
		return Mix{}, fmt.Errorf("%q is not a mix of sizes: %w", text, err)
	}
	return m, nil
}

func parseSize(text string) (int, error) {
	size, err := units.ParseBytes(text)
	if err != nil {
		return 0, err
	}
	if size < 1 || size > Largest {
		return 0, fmt.Errorf("%s is not in 1..%s", text, units.Bytes(Largest))
	}
	return int(size), nil
}

func parseNumber(name, text string, least, most float64) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= least && v <= most) {
		return 0, fmt.Errorf("%s %q is not in %g..%g", name, text, least, most)
	}
	return v, nil
}

// String writes a mix as Parse reads it.
func (m Mix) String() string {
	if m.lognormal {
		return fmt.Sprintf("lognormal:%s/%s", short(m.median), decimal(m.sigma))
	}
	return fmt.Sprintf("bimodal:%s/%s/%s", short(m.median), short(m.large), decimal(m.share))
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// short writes a size without a space, as in 64KiB, and bytes as a number.
func short(size int) string {
	return strings.ReplaceAll(strings.TrimSuffix(units.ExactBytes(int64(size)), " B"), " ", "")
}

// Table returns the sizes of the mix, from small to large, each as frequent as the others.
func (m Mix) Table() []int {
	table := make([]int, steps)
	for i := range table {
		p := (float64(i) + 0.5) / steps
		switch {
		case m.lognormal:
			deviations := math.Sqrt2 * math.Erfinv(2*p-1)
			table[i] = int(min(max(float64(m.median)*math.Exp(m.sigma*deviations), 1), Largest))
		case p < 1-m.share:
			table[i] = m.median
		default:
			table[i] = m.large
		}
	}
	return table
}

// Mean returns the mean of the sizes in bytes.
func (m Mix) Mean() int {
	sum := 0
	for _, size := range m.Table() {
		sum += size
	}
	return sum / steps
}

// Of returns the size of the item with an id, from a table of a mix: the same in every
// trial.
func Of(table []int, id uint64) int {
	// The finalizer of splitmix64 (Steele, Lea, Flood, 2014): ids that follow each other are
	// spread over the table.
	id += 0x9e3779b97f4a7c15
	id = (id ^ id>>30) * 0xbf58476d1ce4e5b9
	id = (id ^ id>>27) * 0x94d049bb133111eb
	return table[(id^id>>31)%uint64(len(table))]
}
