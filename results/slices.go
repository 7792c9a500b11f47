package results

import (
	"cmp"
	"fmt"

	"github.com/fanin-bench/fanin-bench/results/stat"
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

// NsPerMsg returns the time per message in each turn, nothing for nil.
func (s *Slices) NsPerMsg() []float64 {
	if s == nil {
		return nil
	}
	messages, elapsed := s.Messages.Values(), s.ElapsedNs.Values()
	ns := make([]float64, len(messages))
	for i := range ns {
		ns[i] = float64(elapsed[i]) / float64(messages[i])
	}
	return ns
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
