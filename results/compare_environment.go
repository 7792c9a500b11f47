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
// where they were made, and how.
func (m *Manifest) conditions() []Fact {
	facts := slices.DeleteFunc(m.Environment.Facts(), func(f Fact) bool { return !f.Condition })
	return append(facts,
		Fact{"isolation", oneLine(m.Isolation), true},
		Fact{"memory limit", unlessZero(float64(m.MemoryLimit), Bytes), true})
}

// differences lists the conditions that two runs do not share.
func differences(base, next *Manifest) []Difference {
	var out []Difference
	there := next.conditions()
	for i, here := range base.conditions() {
		if here.Text != there[i].Text {
			out = append(out, Difference{here.Name, here.Text, there[i].Text})
		}
	}
	return out
}
