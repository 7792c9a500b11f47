package record

import (
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Each way of delivering wrongly is told apart, and right deliveries pass.
func TestChecker(t *testing.T) {
	type ids []strategies.Word
	w := strategies.NewWord
	tests := []struct {
		name     string
		received ids
		tallies  []Tally
		want     string // part of the error; "" means none
	}{
		{"all", ids{w(0, 0), w(1, 0), w(0, 1)}, []Tally{{Attempted: 2}, {Attempted: 1}}, ""},
		{"nothing", nil, []Tally{{}}, ""},
		{"dropped in the middle", ids{w(0, 0), w(0, 2)}, []Tally{{Attempted: 3, Dropped: 1}}, ""},
		{"dropped at the end", ids{w(0, 0)}, []Tally{{Attempted: 3, Dropped: 2}}, ""},
		{"rejected", ids{w(0, 1)}, []Tally{{Attempted: 2, Rejected: 1}}, ""},
		{"lost in the middle", ids{w(0, 0), w(0, 2)}, []Tally{{Attempted: 3}}, "producer 0: 1 of 3 items lost"},
		{"lost at the end", ids{w(0, 0), w(1, 0)}, []Tally{{Attempted: 1}, {Attempted: 2}}, "producer 1: 1 of 2 items lost"},
		{"everything lost", nil, []Tally{{Attempted: 5}}, "5 of 5 items lost"},
		{"doubled", ids{w(0, 0), w(0, 0)}, []Tally{{Attempted: 1}}, "exactly-once: producer 0: item 0 received again"},
		{"reordered", ids{w(0, 1), w(0, 0)}, []Tally{{Attempted: 2}}, "order: producer 0: item 0 received again or out of order"},
		{"unknown producer", ids{w(7, 0)}, []Tally{{}}, "item of producer 7; there are 1"},
		{"never sent", ids{w(0, 0), w(0, 1)}, []Tally{{Attempted: 1}}, "received item 1; only 1 were sent"},
		{"dropped and delivered", ids{w(0, 0)}, []Tally{{Attempted: 1, Dropped: 1}}, "only 1 were sent"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			check := NewLedger(len(test.tallies))
			for _, id := range test.received {
				check.See(id)
				check.Received++
			}
			err := check.Conserve(test.tallies)
			if test.want == "" && err != nil {
				t.Errorf("right deliveries: %v", err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error %v; want one with %q", err, test.want)
			}
		})
	}
}
