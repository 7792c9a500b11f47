package results

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"sync"

	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// field is what summary.json and summary.csv say of a cell in one place.
type field struct {
	in, name string
	quantity *Quantity              // that it quotes, if it is one
	json     func(*CellSummary) any // nil if it is absent
	columns  []column
}

// fields returns what is quoted of cells, which is made once.
var fields = sync.OnceValue(listFields)

// listFields lists what is quoted of cells: the quantities, and between them what is none.
func listFields() []field {
	var all []field
	for _, q := range quantities {
		if q.Quoted != InTrials {
			all = append(all, q.field())
		}
		switch q {
		case baselines[len(baselines)-1].speedup:
			all = append(all, field{
				name: "humps", json: func(s *CellSummary) any { return unlessNil(s.Humps) }, columns: humpColumns(),
			})
		case SendDelay:
			all = append(all, field{
				name: "platform_limited", json: func(s *CellSummary) any { return unlessEmpty(s.PlatformLimited) },
				columns: []column{{"platform_limited", func(s *CellSummary) string { return strings.Join(s.PlatformLimited, " ") }}},
			}, field{
				name: "disturbed_trials", json: func(s *CellSummary) any { return unlessNone(s.Disturbed) },
				columns: []column{{"disturbed_trials", func(s *CellSummary) string { return units.Positive(s.Disturbed) }}},
			})
		case InFlightMax:
			all = append(all, field{name: "per_stage", json: func(s *CellSummary) any { return unlessEmpty(s.PerStage) }})
		case HeapHigh:
			all = append(all, field{columns: stageColumns()})
		}
	}
	return append(all, field{
		name: "warnings", json: func(s *CellSummary) any { return unlessEmpty(s.Warnings) },
		columns: []column{{"warnings", func(s *CellSummary) string { return strings.Join(s.Warnings, "; ") }}},
	})
}

func unlessEmpty[E any](list []E) any {
	if len(list) == 0 {
		return nil
	}
	return list
}

// field is where the summary quotes a quantity.
func (q *Quantity) field() field {
	f := field{quantity: q, in: q.In, name: strings.TrimPrefix(q.Name, q.In+"_")}
	switch q.Quoted {
	case AsSpread:
		f.json = func(s *CellSummary) any { return unlessNil(s.of(q).interval) }
		f.columns = intervalColumns(q.Name, func(s *CellSummary) *stat.Interval { return s.of(q).interval })
	case AsTimes:
		f.json = func(s *CellSummary) any { return unlessNil(s.of(q).quoted) }
		f.columns = quantileColumns(q.Stem(), func(s *CellSummary) *histogram.Quantiles { return s.of(q).quoted })
	case AsMedian:
		f.json = func(s *CellSummary) any { return unlessNil(s.of(q).number) }
		f.columns = []column{{q.Name, func(s *CellSummary) string { return float(s.of(q).number) }}}
	default:
		f.json = func(s *CellSummary) any { return unlessNil(s.of(q).count) }
		f.columns = []column{{q.Name, func(s *CellSummary) string { return integer(s.of(q).count) }}}
	}
	return f
}

// unlessNone is of a number that is left out where it is 0.
func unlessNone(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

func unlessNil[V any](v *V) any {
	if v == nil {
		return nil
	}
	return v
}

// MarshalJSON writes a cell with what is quoted of it, in the order of fields. What was
// not measured is absent.
func (s CellSummary) MarshalJSON() ([]byte, error) {
	var out object
	head := struct {
		Cell
		Trials   int `json:"trials"`
		Failed   int `json:"failed"`
		Expected int `json:"failed_as_expected,omitempty"`
	}{s.Cell, s.Trials, s.Failed, s.Expected}
	if err := out.begin(head); err != nil {
		return nil, err
	}
	for _, f := range fields() {
		if f.json == nil {
			continue
		}
		if v := f.json(&s); v != nil {
			if err := out.add(f.in, f.name, v); err != nil {
				return nil, err
			}
		}
	}
	return out.end(), nil
}

// object is a JSON object in the making, with objects in it.
type object struct {
	text bytes.Buffer
	in   string // the object that is open
	some bool   // it has a member
}

// begin takes the members of a struct.
func (o *object) begin(v any) error {
	text, err := plainJSON(v)
	if err != nil {
		return err
	}
	o.text.Write(bytes.TrimSuffix(text, []byte("}")))
	o.some = true
	return nil
}

func (o *object) add(in, name string, v any) error {
	if in != o.in {
		o.close()
		if in != "" {
			o.member(in)
			o.text.WriteByte('{')
			o.in, o.some = in, false
		}
	}
	o.member(name)
	text, err := plainJSON(v)
	o.text.Write(text)
	return err
}

func (o *object) member(name string) {
	if o.some {
		o.text.WriteByte(',')
	}
	o.some = true
	o.text.WriteString(strconv.Quote(name))
	o.text.WriteByte(':')
}

func (o *object) close() {
	if o.in != "" {
		o.text.WriteByte('}')
		o.in, o.some = "", true
	}
}

func (o *object) end() []byte {
	o.close()
	o.text.WriteByte('}')
	return o.text.Bytes()
}

// plainJSON leaves < and > as they are, whatever is around it does with them.
func plainJSON(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(out.Bytes()), err
}
