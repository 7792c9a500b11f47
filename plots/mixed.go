package plots

// mixed answers what a bound in bytes saves beside one in items.
var mixed = Figure{
	Name:     "mixed",
	Question: "Does a bound in bytes keep memory flat?",
	About:    Closed | Open,
	Read: "Compare the two panels of a strategy: with capacity-bytes its queue is bounded in bytes, and without in items " +
		"only. The whole process is counted, so the floor of each panel is the runtime and the harness.",
	Draw: drawMixed,
}

func drawMixed(s *Scene) (*Drawing, error) {
	l := memoryOverTime()
	at, ok := s.mainPlace(l.sampled)
	if !ok {
		return nil, noData("the memory was not watched")
	}
	if !s.boundsBytes(at) {
		return nil, noData("no queue is bounded in bytes")
	}
	d := s.overMemory(at)
	l.add(d, s, at)
	d.columns = min(d.columns, 2) // with and without the bound
	return d.finish(), nil
}

// boundsBytes reports whether a queue is bounded in bytes.
func (s *Scene) boundsBytes(at place) bool {
	for _, x := range s.ranked() {
		if c := at.cell(x); c != nil && c.CapacityBytes > 0 {
			return true
		}
	}
	return false
}
