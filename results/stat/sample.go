package stat

import (
	"cmp"
	"slices"
)

// Sample is a quantity of a cell: one value of each block that has it, in the order of
// the blocks. It is what everything here compares, ranks and summarises.
type Sample []Observation

// Observation is the value of one block.
type Observation struct {
	Block int
	Value float64
}

// NewSample returns a sample of the values of the blocks from 0 on.
func NewSample(values ...float64) Sample {
	var s Sample
	for block, v := range values {
		s = s.With(block, v)
	}
	return s
}

// With adds the value of another block.
func (s Sample) With(block int, value float64) Sample {
	at, _ := slices.BinarySearchFunc(s, block, func(o Observation, block int) int { return cmp.Compare(o.Block, block) })
	return slices.Insert(s, at, Observation{block, value})
}

// Values returns the values in the order of their blocks.
func (s Sample) Values() []float64 {
	var values []float64
	for _, o := range s {
		values = append(values, o.Value)
	}
	return values
}

// Each returns what becomes of every value.
func (s Sample) Each(of func(float64) float64) Sample {
	out := slices.Clone(s)
	for i := range out {
		out[i].Value = of(out[i].Value)
	}
	return out
}

// Positive returns the values above 0, the only ones of which a ratio can be formed.
func (s Sample) Positive() Sample {
	return slices.DeleteFunc(slices.Clone(s), func(o Observation) bool { return o.Value <= 0 })
}

// Interval is NewInterval of the values.
func (s Sample) Interval() *Interval { return NewInterval(s.Values()) }

// Over divides by what another sample has in the same block, in the order of the blocks
// that both have. What drifts over a run, as a machine's speed does, hits both values of
// a block and cancels out. The values of base must not be 0.
func (s Sample) Over(base Sample) []float64 {
	over, by := s.inCommon(base)
	for i := range over {
		over[i] /= by[i]
	}
	return over
}

// inCommon returns the values of the blocks that both samples have.
func (s Sample) inCommon(other Sample) (values, others []float64) {
	i, j := 0, 0
	for i < len(s) && j < len(other) {
		switch a, b := s[i], other[j]; {
		case a.Block < b.Block:
			i++
		case a.Block > b.Block:
			j++
		default:
			values, others = append(values, a.Value), append(others, b.Value)
			i, j = i+1, j+1
		}
	}
	return values, others
}
