package machine

import (
	"strconv"
	"strings"
)

// listCPUs writes numbers as the kernel does: 0-3,8.
func listCPUs(has func(cpu int) bool, count int) string {
	var ranges []string
	for i := 0; i < count; i++ {
		if !has(i) {
			continue
		}
		first := i
		for i+1 < count && has(i+1) {
			i++
		}
		text := strconv.Itoa(first)
		if i > first {
			text += "-" + strconv.Itoa(i)
		}
		ranges = append(ranges, text)
	}
	return strings.Join(ranges, ",")
}

// CountCPUs returns how many processors such a list names.
func CountCPUs(list string) (count int) {
	for part := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(part, "-")
		first, err := strconv.Atoi(from)
		last := first
		if err == nil && isRange {
			last, err = strconv.Atoi(to)
		}
		if err == nil {
			count += last - first + 1
		}
	}
	return count
}
