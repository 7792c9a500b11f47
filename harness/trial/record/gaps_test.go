package record

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Where items may come in any order, those that come late are told from those that come
// twice, never come, or were not sent.
func TestAnyOrder(t *testing.T) {
	w := strategies.NewWord
	for name, test := range map[string]struct {
		received []strategies.Word
		tallies  []Tally
		together bool
		want     string // part of the error; "" means none
	}{
		"late":                   {[]strategies.Word{w(0, 1), w(0, 0)}, []Tally{{Attempted: 2}}, false, ""},
		"backwards":              {[]strategies.Word{w(0, 70), w(0, 69), w(0, 0)}, []Tally{{Attempted: 71, Dropped: 68}}, false, ""},
		"twice, late":            {[]strategies.Word{w(0, 1), w(0, 0), w(0, 0)}, []Tally{{Attempted: 2}}, false, "item 0 received again"},
		"twice, before one":      {[]strategies.Word{w(0, 0), w(0, 3), w(0, 0)}, []Tally{{Attempted: 4}}, false, "item 0 received again"},
		"twice at once":          {[]strategies.Word{w(0, 0), w(0, 0)}, []Tally{{Attempted: 2}}, false, "item 0 received again"},
		"lost":                   {[]strategies.Word{w(0, 1)}, []Tally{{Attempted: 2}}, false, "1 of 2 items lost"},
		"not sent":               {[]strategies.Word{w(0, 2)}, []Tally{{Attempted: 2}}, false, "received item 2; only 2 are sent"},
		"anybody's were dropped": {[]strategies.Word{w(0, 1), w(1, 0)}, []Tally{{Attempted: 2, Dropped: 3}, {Attempted: 3}}, true, ""},
		"more were lost": {
			[]strategies.Word{w(0, 1)}, []Tally{{Attempted: 2, Dropped: 3}, {Attempted: 3}}, true, "of 5 items 1 were delivered, 3 dropped and 0 rejected",
		},
		"rejected and delivered": {[]strategies.Word{w(0, 0)}, []Tally{{Attempted: 1, Rejected: 1}}, true, "only 1 were sent"},
	} {
		t.Run(name, func(t *testing.T) {
			check := NewLedger(len(test.tallies))
			check.Together = test.together
			var until []uint64
			for _, tally := range test.tallies {
				until = append(until, tally.Attempted)
			}
			check.AnyOrder(until)
			for _, id := range test.received {
				check.See(id)
			}
			err := check.Conserve(test.tallies)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error %v; want %q", err, test.want)
			}
		})
	}
}

// Whatever order they come in, all are counted once; one that comes again is noticed.
func TestAnyOrderShuffled(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1)) // the seed is named where it fails
		const items = 500
		order := rng.Perm(items)
		if seed%2 == 0 { // most are nearly in their place
			for i := range order {
				order[i] = i
			}
			for range items / 4 {
				at := rng.IntN(items - 3)
				order[at], order[at+3] = order[at+3], order[at]
			}
		}
		check := NewLedger(1)
		check.AnyOrder([]uint64{items})
		for _, seq := range order {
			check.See(strategies.NewWord(0, uint64(seq)))
		}
		if err := check.Conserve([]Tally{{Attempted: items}}); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		check.See(strategies.NewWord(0, uint64(rng.IntN(items))))
		if check.Stray == nil {
			t.Errorf("seed %d: an item that came again was not noticed", seed)
		}
	}
}
