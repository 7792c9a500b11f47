package scenario

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Variant is what one of several scenarios side by side has instead of what they
// share.
type Variant struct {
	Values Scenario // of the sections only
	Keys   []string // those that are given
}

// Variants is a list of them, written in YAML as a list of sections.
type Variants []Variant

// ofTheRun are keys that a variant cannot have: trials of all variants are in the
// same blocks, under the same limits.
var ofTheRun = []string{"timeout", "memory-limit", "expect"}

func (l *Variants) readYAML(_ string, node *yaml.Node) error {
	if node.Kind != yaml.SequenceNode || len(node.Content) == 0 {
		return &lineError{node.Line, errors.New("want a list, each with the sections that differ")}
	}
	for _, part := range node.Content {
		var v Variant
		if err := fillScenario(part, &v.Values); err != nil {
			return err
		}
		for i := 0; i+1 < len(part.Content); i += 2 {
			section, values := part.Content[i], part.Content[i+1]
			if values.Kind != yaml.MappingNode {
				return &lineError{section.Line, fmt.Errorf("a variant has sections only, not %q", section.Value)}
			}
			for j := 0; j < len(values.Content); j += 2 {
				key := values.Content[j]
				if slices.Contains(ofTheRun, key.Value) {
					return &lineError{key.Line, fmt.Errorf("%q is the same for all of a run", key.Value)}
				}
				v.Keys = append(v.Keys, key.Value)
			}
		}
		*l = append(*l, v)
	}
	return nil
}

// variants returns what a scenario runs: its variants, or itself.
func (s Scenario) variants() []Scenario {
	if len(s.Variants) == 0 {
		return []Scenario{s}
	}
	all := make([]Scenario, len(s.Variants))
	for i, variant := range s.Variants {
		all[i] = s
		all[i].Variants = nil
		all[i].Override(variant.Values, func(key string) bool { return slices.Contains(variant.Keys, key) })
	}
	return all
}

// Override replaces the values of the keys that are given, in all variants.
func (s *Scenario) Override(with Scenario, given func(key string) bool) {
	for _, p := range Parameters() {
		if given(p.Name) {
			s.Values.Put(p.Name, with.Values[p.Name])
		}
	}
	from, to := reflect.ValueOf(with), reflect.ValueOf(s).Elem()
	for section := range sections() {
		for field := range section.Type.Fields() {
			if given(keyOf(field)) {
				index := slices.Concat(section.Index, field.Index)
				to.FieldByIndex(index).Set(from.FieldByIndex(index))
			}
		}
	}
	switch { // duration and messages replace each other
	case given("duration"):
		s.Messages = 0
	case given("messages"):
		s.Duration = 0
	case given("arrival") || given("stall"):
		s.Duration = 0 // what is long enough for another arrival may not be for this one
	}
	s.Variants = slices.Clone(s.Variants)
	for i, variant := range s.Variants {
		s.Variants[i].Keys = slices.DeleteFunc(slices.Clone(variant.Keys), func(key string) bool {
			return given(key) || key == "messages" && given("duration") || key == "duration" && given("messages")
		})
	}
	*s = s.WithDefaults()
}
