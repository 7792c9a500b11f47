package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fanin-bench/fanin-bench/results"
)

// Shard returns one part of the plan, given as "2/5": all repetitions of some of
// its cells. Cells that are compared with each other - every strategy at one
// number of producers and under the same conditions, with the floor and the
// searches that they refer to - are in the same part, so that each block of a
// shard is a fair comparison, whichever machine runs it. The parts are as equal
// in cells as that allows, and do not depend on the seed.
func (p Plan) Shard(text string) (Plan, error) {
	part, parts, err := parseShard(text)
	if err != nil {
		return Plan{}, &results.FieldError{Field: "shard", Err: err}
	}
	groups := p.comparable()
	if parts > len(groups) {
		return Plan{}, results.FieldErrorf("shard", "%q: the plan can be divided into %d parts at most, one for each number of producers and "+
			"set of conditions: within these, strategies are compared", text, len(groups))
	}
	sizes := make([]int, parts)
	chosen := make(map[results.Cell]bool)
	for _, group := range groups {
		least := slices.Index(sizes, slices.Min(sizes))
		sizes[least] += len(group)
		for _, cell := range group {
			chosen[cell] = least == part-1
		}
	}
	p.Cells = slices.DeleteFunc(slices.Clone(p.Cells), func(c results.Cell) bool { return !chosen[c] })
	return p, nil
}

// parseShard reads "2/5".
func parseShard(text string) (part, parts int, err error) {
	left, right, found := strings.Cut(text, "/")
	part, errPart := strconv.Atoi(left)
	parts, errParts := strconv.Atoi(right)
	if !found || errPart != nil || errParts != nil || part < 1 || part > parts {
		return 0, 0, fmt.Errorf("%q is not a part such as 1/5 to 5/5", text)
	}
	return part, parts, nil
}

// comparable groups the cells that are compared with each other, the largest
// group first.
func (p Plan) comparable() [][]results.Cell {
	var groups [][]results.Cell
	at := make(map[string]int)
	for _, cell := range p.Cells {
		key := strconv.Itoa(cell.Producers) + " " + cell.Conditions()
		if _, seen := at[key]; !seen {
			at[key] = len(groups)
			groups = append(groups, nil)
		}
		groups[at[key]] = append(groups[at[key]], cell)
	}
	slices.SortStableFunc(groups, func(a, b []results.Cell) int { return cmp.Compare(len(b), len(a)) })
	return groups
}
