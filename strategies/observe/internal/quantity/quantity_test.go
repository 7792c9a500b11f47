package quantity_test

import (
	"reflect"
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/observe/internal/quantity"
)

// TestAllOfStats shows that no number of Stats is forgotten: each changes one quantity, and
// what says that it is known makes one known.
func TestAllOfStats(t *testing.T) {
	for field := range reflect.TypeFor[strategies.Stats]().Fields() {
		var without, with strategies.Stats
		set := reflect.ValueOf(&with).Elem().FieldByIndex(field.Index)
		switch {
		case field.Name == "HighWaterExact": // is in the help of HighWater
			continue
		case set.Kind() == reflect.Bool:
			set.SetBool(true)
		case set.CanInt():
			set.SetInt(7)
		default:
			set.SetUint(7)
		}
		changed := false
		for _, q := range quantity.All() {
			before, knownBefore := q.Of(without)
			after, known := q.Of(with)
			changed = changed || before != after || knownBefore != known
		}
		if !changed {
			t.Errorf("Stats.%s is in no quantity", field.Name)
		}
	}
}
