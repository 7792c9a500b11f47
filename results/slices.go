package results

import (
	"cmp"
	"fmt"

	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// maxSlices bounds the turns of a trial: a minute of slices of 6 ms.
const maxSlices = 10_000

// Slices are the turns of a trial whose process lived beside those of other trials, one
// of which ran at any time. Element i of each list is turn i.
type Slices struct {
	// Sitting names the trials of a block that took turns with each other, by a name
	// that no others of this block have: turn i of one ran next to turn i of the others,
	// so that the two pair. A trial that failed has no turns, and one that was cut
	// short fewer. It is empty of a trial that was alone.
	Sitting   string      `json:"sitting"`
	Messages  stat.Levels `json:"messages"`   // attempted in each
	ElapsedNs stat.Levels `json:"elapsed_ns"` // what each took; not what it waited for its turn
}

// NewSlices makes slices of so many messages and ns each.
func NewSlices(sitting string, messages, elapsedNs []int64) *Slices {
	return &Slices{Sitting: sitting, Messages: stat.NewLevels(messages...), ElapsedNs: stat.NewLevels(elapsedNs...)}
}

// nsPerMsgInTurns returns the time per message delivered in each turn. Which turn lost or
// refused a message is not stored: each has its share of those.
func (m *Measurement) nsPerMsgInTurns() []float64 {
	messages, elapsed := m.Slices.Messages.Values(), m.Slices.ElapsedNs.Values()
	delivered := float64(m.Delivered) / float64(m.Attempted) // it is above 0, as the slices of a valid trial are
	ns := make([]float64, len(messages))
	for i := range ns {
		ns[i] = float64(elapsed[i]) / (float64(messages[i]) * delivered)
	}
	return ns
}

// throughputInTurns returns the messages delivered per second in each turn.
func (m *Measurement) throughputInTurns() []float64 {
	rates := m.nsPerMsgInTurns()
	for i, ns := range rates {
		rates[i] = 1e9 / ns
	}
	return rates
}

// validateSlices reports turns that cannot be, or whose sums are not what the
// measurement says.
func (m *Measurement) validateSlices() error {
	s := m.Slices
	if s == nil {
		return nil
	}
	if s.Sitting != "" {
		if err := checkName("sitting", s.Sitting); err != nil {
			return err
		}
	}
	turns := s.Messages.Len()
	if turns < 1 || turns > maxSlices {
		return outside("number of slices", turns, 1, maxSlices)
	}
	if n := s.ElapsedNs.Len(); n != turns {
		return fmt.Errorf("%d slices have messages and %d have times", turns, n)
	}
	return cmp.Or(checkParts("messages", s.Messages, m.Attempted), checkParts("elapsed_ns", s.ElapsedNs, m.ElapsedNs))
}

// checkParts reports parts that are not positive, or not what a sum was made of.
func checkParts(name string, parts stat.Levels, sum int64) error {
	left := sum
	for i, v := range parts.Values() {
		if v < 1 || v > left { // as left is at most the sum, nothing overflows
			return outside(fmt.Sprintf("%s of slice %d with", name, i), v, 1, max(left, 1))
		}
		left -= v
	}
	if left != 0 {
		return fmt.Errorf("%s of the slices: they lack %d of the %d measured", name, left, sum)
	}
	return nil
}

// Humps are the two kinds of times per message that a cell has, where it has two: see
// stat.Humps.
type Humps struct {
	LowNs  float64 `json:"low_ns_per_msg"`
	HighNs float64 `json:"high_ns_per_msg"`
	Share  float64 `json:"high_share"` // of the slower kind
	Of     string  `json:"of"`         // HumpsOfTrials or HumpsOfSlices
}

// What is of one kind or the other.
const (
	HumpsOfTrials = "trials" // a process stays what it is
	HumpsOfSlices = "slices" // one process is both in turn
)

// HumpsMark stands where a figure does that has two humps.
const HumpsMark = "‡"

// HumpsNote says what that mark means.
const HumpsNote = HumpsMark + ": measurements have two humps, of which a warning tells; the median is in one of them or between"

func newHumps(ns stat.Sample) *Humps {
	h := ns.Humps()
	if h == nil {
		return nil
	}
	of := HumpsOfSlices
	if h.OfBlocks {
		of = HumpsOfTrials
	}
	return &Humps{LowNs: h.Low, HighNs: h.High, Share: h.Share, Of: of}
}

// String says it in a line.
func (h *Humps) String() string {
	return fmt.Sprintf("two humps: %.0f %% of %s take about %s a message, the others %s",
		100*h.Share, h.Of, units.Nanoseconds(h.HighNs), units.Nanoseconds(h.LowNs))
}

func humpColumns() []column {
	number := func(name string, of func(*Humps) *float64) column {
		return column{name, func(s *CellSummary) string { return float(ofPart(s.Humps, of)) }}
	}
	return []column{
		number("humps_low_ns_per_msg", func(h *Humps) *float64 { return &h.LowNs }),
		number("humps_high_ns_per_msg", func(h *Humps) *float64 { return &h.HighNs }),
		number("humps_high_share", func(h *Humps) *float64 { return &h.Share }),
		{"humps_of", func(s *CellSummary) string {
			if s.Humps == nil {
				return ""
			}
			return s.Humps.Of
		}},
	}
}
