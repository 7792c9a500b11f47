package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/parameter"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// readYAML fills a scenario from a file of one document. It goes through the
// nodes itself because the library reports unknown and repeated keys in its own
// words, over several lines, and takes an empty value for none given.
func readYAML(data []byte, s *Scenario) error {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return errors.New("the file is empty: a scenario has at least a name")
	} else if err != nil {
		return errors.New(oneLine(err))
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return errors.New("a second document follows: a file holds one scenario")
	}
	return fillScenario(document.Content[0], s)
}

// oneLine words an error of the YAML syntax without the library's heading.
func oneLine(err error) string {
	return strings.Join(strings.Fields(strings.TrimPrefix(err.Error(), "yaml: ")), " ")
}

// fillScenario sets what the keys of a file, or of a variant, say.
func fillScenario(node *yaml.Node, s *Scenario) error {
	return fill(node, "", topKeys(), func(key string, value *yaml.Node) error {
		if !slices.Contains(sectionNames(), key) {
			return fillField(value, fieldOf(reflect.ValueOf(s).Elem(), key), key)
		}
		return fill(value, key, sectionKeys(key), func(key string, value *yaml.Node) error {
			if p, known := ParameterOf(key); known {
				return fillParameter(value, p, &s.Values)
			}
			return fillField(value, runField(s, key), key)
		})
	})
}

// fill goes through the keys of a mapping, each of which must be one of those given and
// come once.
func fill(node *yaml.Node, section string, keys []string, set func(key string, value *yaml.Node) error) error {
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: want %s, each with a value", node.Line, strings.Join(keys, ", "))
	}
	lines := make(map[string]int)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if !slices.Contains(keys, key.Value) {
			return fmt.Errorf("line %d: %w", key.Line, unknownKey(key.Value, section, keys))
		}
		if first, twice := lines[key.Value]; twice {
			return fmt.Errorf("line %d: key %q was given before, in line %d", key.Line, key.Value, first)
		}
		lines[key.Value] = key.Line
		if err := set(key.Value, value); err != nil {
			return err
		}
	}
	return nil
}

// fillParameter reads the values of a parameter.
func fillParameter(node *yaml.Node, p results.Parameter, values *Values) error {
	var list []results.Cell
	err := readValues(node, p, &list)
	var at *lineError
	if errors.As(err, &at) {
		return fmt.Errorf("line %d: %s: %w", at.line, p.Name, at.err)
	}
	values.Put(p.Name, list)
	return nil
}

// readValues reads one value, or a list of them where there may be several.
func readValues(node *yaml.Node, p results.Parameter, list *[]results.Cell) error {
	switch {
	case p.Kind == parameter.Times: // a list is one value
		var times Durations
		err := readList(node, &times, func(text string) (Durations, error) { return ParseDurations(text, limitOf(p)) })
		*list = []results.Cell{p.Made(results.NewStages(times...))}
		return err
	case !p.List:
		return readOne(node, list, func(text string) ([]results.Cell, error) { return ParseValues(p, text) })
	case p.Kind == parameter.Word: // as it stands: a comma would be part of it
		return readList(node, list, func(text string) ([]results.Cell, error) {
			if text == "" {
				return nil, errEmpty
			}
			return []results.Cell{p.Made(text)}, nil
		})
	default:
		return readList(node, list, func(text string) ([]results.Cell, error) { return ParseValues(p, text) })
	}
}

// fillField sets one field: of a type that reads itself, or a plain one.
func fillField(node *yaml.Node, field reflect.Value, key string) error {
	if value, ok := field.Addr().Interface().(yamlValue); ok {
		err := value.readYAML(key, node)
		var at *lineError
		if errors.As(err, &at) {
			return fmt.Errorf("line %d: %s: %w", at.line, key, at.err)
		}
		return err
	}
	err := errOneValue
	if node.Kind == yaml.ScalarNode {
		err = setPlain(field, key, node.Value)
	}
	if err != nil {
		return fmt.Errorf("line %d: %s: %w", node.Line, key, err)
	}
	return nil
}

// setPlain sets a field of a plain type from text, or says what was wanted instead.
func setPlain(field reflect.Value, key, text string) error {
	switch field.Kind() {
	case reflect.Int, reflect.Int64:
		value, err := units.ParseCount(text, LimitOf(key))
		if err != nil {
			return err
		}
		field.SetInt(value)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return fmt.Errorf("%q is not true or false", text)
		}
		field.SetBool(text == "true")
	default:
		if text == "" {
			return fmt.Errorf("%q is not text", text)
		}
		field.SetString(text)
	}
	return nil
}

// keyOf returns a field's name in YAML.
func keyOf(field reflect.StructField) string { return field.Tag.Get("yaml") }

// keysOf returns the YAML names of a struct's fields.
func keysOf(t reflect.Type) []string {
	var keys []string
	for field := range t.Fields() {
		keys = append(keys, keyOf(field))
	}
	return keys
}

// fieldOf returns the field with that YAML name, invalid if there is none.
func fieldOf(v reflect.Value, key string) reflect.Value {
	for field, value := range v.Fields() {
		if keyOf(field) == key {
			return value
		}
	}
	return reflect.Value{}
}

// unknownKey words the error for a key that its section does not have: another
// section's, or one that is misspelt.
func unknownKey(key, section string, own []string) error {
	where := ""
	if section != "" {
		where = fmt.Sprintf(" of section %q", section)
	}
	if pick.Closest(key, own) == "" {
		var near string
		for _, other := range sectionNames() {
			if key := pick.Closest(key, sectionKeys(other)); key != "" {
				near = fmt.Sprintf("did you mean %q of section %q? ", key, other)
			}
		}
		return fmt.Errorf("unknown key%s %q (%sone of %s)", where, key, near, strings.Join(own, ", "))
	}
	return pick.Unknown("key"+where, key, own)
}

// sectionNames lists the sections of a scenario file.
func sectionNames() []string { return []string{"load", "items", "queue", "consumer", "run"} }

// topKeys lists the keys of a scenario file.
func topKeys() []string {
	return slices.Concat([]string{"name", "about"}, sectionNames(), []string{"variants"})
}

// sectionKeys lists the keys of a section: those of the run, and the parameters of cells.
func sectionKeys(name string) []string {
	var keys []string
	for section := range sections() {
		if keyOf(section) == name {
			keys = keysOf(section.Type)
		}
	}
	for _, p := range results.Declared() {
		if p.Section == name {
			keys = append(keys, p.Name)
		}
	}
	return keys
}

// runField returns the field of a section that has a key.
func runField(s *Scenario, key string) reflect.Value {
	for section := range sections() {
		if field := fieldOf(reflect.ValueOf(s).Elem().FieldByIndex(section.Index), key); field.IsValid() {
			return field
		}
	}
	panic(fmt.Sprintf("no section has key %q", key))
}

// sections yields the fields of a scenario that are sections.
func sections() func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for field := range reflect.TypeFor[Scenario]().Fields() {
			if field.Anonymous && !yield(field) {
				return
			}
		}
	}
}

// Keys returns the keys of a scenario's sections, which are also flags.
func Keys() []string {
	var keys []string
	for _, section := range sectionNames() {
		keys = append(keys, sectionKeys(section)...)
	}
	return keys
}
