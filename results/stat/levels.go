package stat

import (
	"encoding/binary"
	"encoding/json"
)

// MaxLevels is how many values are stored of a quantity over time, at most.
const MaxLevels = 200

// Levels are the values of a quantity in equal steps of time, in JSON a list of them. They are kept as
// the differences between neighbours, a byte or two for most: a backlog has 200 of
// them, and a run as many backlogs as trials.
type Levels struct {
	packed string
	count  int
}

// NewLevels packs values.
func NewLevels(values ...int64) Levels {
	var packed []byte
	last := int64(0)
	for _, v := range values {
		packed = binary.AppendVarint(packed, v-last)
		last = v
	}
	return Levels{string(packed), len(values)}
}

// Len returns how many there are.
func (s Levels) Len() int { return s.count }

// Values returns them all.
func (s Levels) Values() []int64 {
	values := make([]int64, s.count)
	rest, last := []byte(s.packed), int64(0)
	for i := range values {
		difference, n := binary.Varint(rest)
		rest, last = rest[n:], last+difference
		values[i] = last
	}
	return values
}

// MarshalJSON implements json.Marshaler.
func (s Levels) MarshalJSON() ([]byte, error) { return json.Marshal(s.Values()) }

// UnmarshalJSON implements json.Unmarshaler.
func (s *Levels) UnmarshalJSON(data []byte) error {
	var values []int64
	if err := json.Unmarshal(data, &values); err != nil {
		return err
	}
	*s = NewLevels(values...)
	return nil
}
