package trial

import (
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// What a full queue occupies is its slots and its payloads, whichever strategy it is and
// however much of it is filled to find out.
func TestMeasureOccupied(t *testing.T) {
	for _, s := range strategies.All() {
		for name, c := range map[string]results.Cell{
			"words":                    {Producers: 4, Payload: 8, Capacity: 1024},
			"100 000 items of 9 bytes": {Producers: 1, Payload: 9, Capacity: 100_000, CapacityOf: results.CapacityInTotal},
			"large":                    {Producers: 1000, Payload: 64 << 10, Capacity: 1024},
		} {
			c.SendBatch = 1
			full, err := MeasureOccupied(s, c)
			if err != nil {
				t.Fatal(err)
			}
			if !s.Bound.HasCapacity() || s.Floor {
				if full != (Occupied{}) {
					t.Errorf("%s, %s: %+v of what holds nothing, or anything", s.Name, name, full)
				}
				continue
			}
			items := int64(c.Capacity)
			if s.Bound == strategies.PerProducer {
				items *= int64(c.Producers)
			}
			item := int64(c.Payload)
			if c.Payload > results.MinPayload {
				item += 48 // the message that points to it
			}
			if least := items * item; full.Items != items || full.Bytes < least*9/10 || full.Bytes > 4*least {
				t.Errorf("%s, %s: %+v; want %d items and some %d bytes", s.Name, name, full, items, least)
			}
		}
	}
	if _, err := MeasureOccupied(strategies.All()[1], results.Cell{Producers: 1, Payload: 8, Policy: "sometimes"}); err == nil {
		t.Error("an unknown policy is measured")
	}
}
