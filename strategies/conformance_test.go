package strategies_test

import (
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
)

// TestConformance tries every promise of the contract on every strategy but
// the floor, which carries nothing. With -long, and in `make verify`, it does so at
// full length.
func TestConformance(t *testing.T) {
	for _, s := range strategies.All() {
		if s.Floor {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			for _, finding := range conformance.Check(t.Context(), s, conformance.Options{Short: strategies.Brief()}) {
				t.Error(finding)
			}
		})
	}
}
