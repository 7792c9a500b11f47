package compare

import (
	"fmt"
	"strconv"

	"github.com/fanin-bench/fanin-bench/results"
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

// differences lists the conditions that two runs do not share.
func differences(base, next *results.Manifest) []Difference {
	var out []Difference
	for _, p := range base.Differing(next) {
		out = append(out, Difference{p.Base.Name, p.Base.Text, p.Next.Text})
	}
	return out
}
