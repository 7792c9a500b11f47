package strategies_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// BenchmarkWeighted moves words through fan-ins with a bound by weight, and through those
// below alone. For figures to quote compare them in turns, as with -count and benchstat.
func BenchmarkWeighted(b *testing.B) {
	all := strategies.All()
	for _, form := range weightedForms {
		below := all[slices.IndexFunc(all, func(s strategies.Strategy) bool { return s.Name == form.below })]
		for _, producers := range []int{1, 16} {
			for _, batch := range []int{1, 32} {
				name := fmt.Sprintf("strategy=%s/producers=%d/batch=%d", form.below, producers, batch)
				b.Run(name+"/bound=items", func(b *testing.B) {
					benchmarkSend(b, below.Word(strategies.Options{}), producers, batch)
				})
				b.Run(name+"/bound=weight", func(b *testing.B) {
					benchmarkSend(b, form.strategy().Word(strategies.Options{}), producers, batch)
				})
			}
		}
	}
}
