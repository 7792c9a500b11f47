package ledger

import "math/bits"

// set is a set of sequence numbers: all below a number, and one bit each from there
// on. Numbers that come in order, as nearly all do, thus take no memory.
type set struct {
	below uint64
	bits  []uint64 // bits of numbers below are not kept
}

// add puts i into the set and reports whether it was new.
func (s *set) add(i uint64) bool {
	if i == s.below && len(s.bits) == 0 {
		s.below++
		return true
	}
	if s.has(i) {
		return false
	}
	if word := i / 64; word >= uint64(len(s.bits)) {
		s.bits = append(s.bits, make([]uint64, word+1-uint64(len(s.bits)))...)
	}
	s.bits[i/64] |= uint64(1) << (i % 64)
	return true
}

func (s *set) has(i uint64) bool { return s.word(i/64)>>(i%64)&1 == 1 }

// word returns the bits of the numbers from 64*i on.
func (s *set) word(i uint64) uint64 {
	bits := uint64(0)
	if i < uint64(len(s.bits)) {
		bits = s.bits[i]
	}
	switch {
	case i < s.below/64:
		return ^uint64(0)
	case i == s.below/64:
		return bits | (1<<(s.below%64) - 1)
	}
	return bits
}

// words returns from which word on there are no numbers.
func (s *set) words() uint64 { return max(s.below/64+1, uint64(len(s.bits))) }

// common returns the smallest number that is in both sets.
func (s *set) common(o *set) (uint64, bool) {
	for i := range min(s.words(), o.words()) {
		if both := s.word(i) & o.word(i); both != 0 {
			return i*64 + uint64(bits.TrailingZeros64(both)), true
		}
	}
	return 0, false
}
