package trial

import (
	"cmp"

	"github.com/fanin-bench/fanin-bench/harness/trial/inspect"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Occupied is what a bounded fan-in holds when it is full.
type Occupied struct {
	Items int64
	Bytes int64 // of the heap: slots and what they point to, payloads among it
}

// Held returns how many items a fan-in of a cell holds when it is full; 0 if nothing
// bounds it. An error is about the cell's capacity or policy.
func Held(s strategies.Strategy, c results.Cell) (int64, error) {
	o, err := Options(c, s.Descriptor)
	if err != nil || !s.Bound.HasCapacity() {
		return 0, err
	}
	full := int64(cmp.Or(o.Capacity, strategies.DefaultCapacity))
	if s.Bound == strategies.PerProducer && c.Sharing != results.SharingShared {
		full *= int64(c.Producers)
	}
	return full, nil
}

const (
	// A part of a large fan-in is filled, and what that takes is scaled up: so many
	// items, and bytes of payload, tell what an item takes.
	filledItems = 1 << 16
	filledBytes = 64 << 20
	// leastFilled is how many items are weighed at least, if need be in several fan-ins: of
	// less, what else the process does could be a tenth.
	leastFilled = 1 << 14
	// settledBytes is what may be left of a fan-in when the next is weighed, little beside
	// the words of leastFilled.
	settledBytes = 2 << 10
)

// MeasureOccupied fills fan-ins as the cell has them and weighs the heap. Items are those
// of a trial: words, or messages that point to their payload. It is zero for a strategy
// that holds nothing or that nothing bounds. An error is about the cell's capacity or policy.
func MeasureOccupied(s strategies.Strategy, c results.Cell) (Occupied, error) {
	full, err := Held(s, c)
	if err != nil || full == 0 || s.Floor {
		return Occupied{}, err
	}
	o, err := Options(c, s.Descriptor)
	if err != nil {
		return Occupied{}, err
	}
	o.Policy, o.Capacity = s.DefaultPolicy(), cmp.Or(o.Capacity, strategies.DefaultCapacity)
	producers := 1
	most := max(1, min(filledItems, filledBytes/c.Payload))
	o.Capacity = min(o.Capacity, most)
	if s.Bound == strategies.PerProducer {
		producers = min(c.Producers, max(1, most/o.Capacity))
	}
	part := int64(producers * o.Capacity)
	copies := max(1, leastFilled/part)
	if int64(c.Payload)*part*copies > filledBytes {
		copies = 1
	}
	var weight int64
	if c.Payload > results.MinPayload && s.Message != nil {
		c.ProducerCostNs = 0 // nobody computes here
		m := newMessages(nil, c, nil, false)
		weight = weigh(s.Message, o, producers, copies, func(p strategies.Producer[strategies.Message], id int) func(uint64) strategies.Message {
			w := m.writer(p, id)
			return func(seq uint64) strategies.Message { return w.message(seq, 0) }
		})
	} else {
		weight = weigh(s.Word, o, producers, copies, func(_ strategies.Producer[strategies.Word], id int) func(uint64) strategies.Word {
			return func(seq uint64) strategies.Word { return strategies.NewWord(id, seq) }
		})
	}
	bytes := int64(float64(weight) / float64(part*copies) * float64(full))
	if c.CapacityBytes > 0 {
		bytes = min(bytes, int64(c.CapacityBytes)+full*itemBytes)
	}
	return Occupied{Items: full, Bytes: bytes}, nil
}

// weigh returns by how much the heap grows when copies of a fan-in are made and their
// producers fill them.
func weigh[T any](build func(strategies.Options) strategies.FanIn[T], o strategies.Options, producers int, copies int64,
	maker func(strategies.Producer[T], int) func(uint64) T,
) int64 {
	before := inspect.LiveHeap()
	var fans []strategies.FanIn[T]
	for range copies {
		fan := build(o)
		fans = append(fans, fan)
		for id := range producers {
			p := fan.Producer()
			item := maker(p, id)
			for seq := range o.Capacity {
				// Whatever it is that it has no room for, it holds less than it may.
				if p.TrySend(item(uint64(seq))) != nil {
					break
				}
			}
		}
	}
	grown := inspect.LiveHeap() - before
	for _, fan := range fans {
		fan.Consumer().Close()
	}
	// Goroutines of a fan-in that are still ending hold its memory: what they let go of
	// later would be missing in the weight of the next.
	clear(fans)
	inspect.Shrunk(before + settledBytes)
	return max(0, grown)
}
