package record

// gaps are the items of a producer that were passed over and may still come: a bit each,
// from the first of them on. As a rule they are few and close together, for what was
// passed over comes soon; where items are dropped there is a bit for each item sent.
type gaps struct {
	from uint64 // the item of the first bit
	bits []uint64
}

const wordBits = 64

// open notes the items from one up to another, which come after all that were noted. fresh
// says that none is left of those.
func (g *gaps) open(from, to uint64, fresh bool) {
	if fresh {
		g.from, g.bits = from, g.bits[:0]
	}
	for len(g.bits) <= int((to-1-g.from)/wordBits) {
		g.bits = append(g.bits, 0)
	}
	for at := from - g.from; at < to-g.from; {
		bit := at % wordBits
		n := min(wordBits-bit, to-g.from-at)
		g.bits[at/wordBits] |= (1<<n - 1) << bit // of n = 64 all
		at += n
	}
}

// fill takes an item off them, and reports whether it was one.
func (g *gaps) fill(seq uint64) bool {
	at := seq - g.from // of one before the first it wraps round
	if at/wordBits >= uint64(len(g.bits)) || g.bits[at/wordBits]>>(at%wordBits)&1 == 0 {
		return false
	}
	g.bits[at/wordBits] &^= 1 << (at % wordBits)
	return true
}
