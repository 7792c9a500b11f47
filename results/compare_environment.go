package results

import (
	"fmt"
	"slices"
	"strconv"
)

// Difference is a condition that two runs do not share. An empty text means that
// there is none, or that it could not be read.
type Difference struct {
	What string `json:"what"`
	Base string `json:"base"`
	New  string `json:"new"`
}

func (d Difference) String() string {
	return fmt.Sprintf("%s: %s in BASE, %s in NEW", d.What, orNone(d.Base), orNone(d.New))
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return strconv.Quote(text)
}

// conditions lists what must be the same for numbers of two runs to be comparable:
// where they were made, and how; and which program was measured.
func (m *Manifest) conditions() []Fact {
	return append(m.Environment.Facts(),
		Fact{"isolation", oneLine(m.Isolation), Condition, "unknown", false},
		Fact{"memory limit", unlessZero(float64(m.MemoryLimit), Bytes), Condition, "none", false},
		Fact{"version", oneLine(m.Version), Program, "unknown", m.Version == ""})
}

// factPair is a fact that is not the same in two places.
type factPair struct{ base, next Fact }

// change words it as what became of it.
func (p factPair) change() string {
	return fmt.Sprintf("%s %s -> %s", p.base.Name, p.base.word(), p.next.word())
}

// differing lists those facts of some kinds that are not the same in two lists of the
// same facts.
func differing(base, next []Fact, kinds ...FactKind) []factPair {
	var pairs []factPair
	for i, here := range base {
		there := next[i]
		if slices.Contains(kinds, here.Kind) && here.Text != there.Text && !here.unread && !there.unread {
			pairs = append(pairs, factPair{here, there})
		}
	}
	return pairs
}

// differences lists the conditions that two runs do not share.
func differences(base, next *Manifest) []Difference {
	var out []Difference
	for _, p := range differing(base.conditions(), next.conditions(), Condition) {
		out = append(out, Difference{p.base.Name, p.base.Text, p.next.Text})
	}
	return out
}

// ChangesTo lists in what a program, and where it runs, is not as when the run began:
// trials measured there are none of this run. It is empty if they are.
func (m *Manifest) ChangesTo(version string, e Environment) []string {
	now := *m
	now.Version, now.Environment = version, e
	var changes []string
	for _, p := range differing(m.conditions(), now.conditions(), Condition, Program) {
		changes = append(changes, p.change())
	}
	return changes
}
