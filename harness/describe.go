package harness

import (
	"slices"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Describe describes strategies as run directories do.
func Describe(known []strategies.Strategy) []results.Strategy {
	all := make([]results.Strategy, len(known))
	for i, s := range known {
		all[i] = results.Strategy{
			Name: s.Name, Doc: s.Doc, Index: i, Family: string(s.Family), Source: s.Source, Floor: s.Floor,
			Order: s.Order.String(), Bound: s.Bound.String(), Wait: s.Wait,
			Policies: Offered(s.Descriptor), Lanes: s.Descriptor.Lanes, Batch: s.Batch, Lossy: s.Lossy, Module: s.Module, Unbuildable: s.Unbuildable,
			Delivery: s.Delivery, Survives: s.Survives, Processes: s.Processes,
		}
		for promise, why := range s.Lacks {
			if all[i].Lacks == nil {
				all[i].Lacks = make(map[string]string)
			}
			all[i].Lacks[string(promise)] = why
		}
	}
	return all
}

// DescribeIn is Describe of the strategies that occur in cells, in registry order.
func DescribeIn(cells []results.Cell, known []strategies.Strategy) []results.Strategy {
	return slices.DeleteFunc(Describe(known), func(s results.Strategy) bool {
		return !slices.ContainsFunc(cells, func(c results.Cell) bool { return c.Strategy == s.Name })
	})
}

// Offered names the overflow policies of a strategy; none for one that is never full.
func Offered(d strategies.Descriptor) []string {
	var names []string
	for _, p := range strategies.Policies() {
		if d.Bound != strategies.Unbounded && d.Offers(p) {
			names = append(names, p.String())
		}
	}
	return names
}
