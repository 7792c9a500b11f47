package strategies_test

import (
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Every strategy has every extra, or says why not.
func TestExtras(t *testing.T) {
	for _, s := range strategies.All() {
		for _, policy := range strategies.Policies() {
			if !s.Offers(policy) {
				continue
			}
			fan := s.Word(strategies.Options{Policy: policy})
			_, stops := fan.Consumer().(strategies.Stopper)
			_, ready := fan.Consumer().(strategies.Readier)
			_, tells := fan.(strategies.DropObserver[strategies.Word])
			_, counts := fan.(strategies.StatsKeeper)
			_, times := fan.(strategies.WaitTimer)
			has := map[strategies.Extra]bool{
				strategies.ExtraStop: stops, strategies.ExtraReady: ready, strategies.ExtraOnDrop: tells, strategies.ExtraStats: counts,
				strategies.ExtraTimeWaits: times,
			}
			for _, extra := range strategies.Extras() {
				why, without := s.Without[extra]
				if has[extra] == without || without && why == "" {
					t.Errorf("%s under %v has %s: %v, and says %q of being without", s.Name, policy, extra, has[extra], why)
				}
			}
		}
	}
}
