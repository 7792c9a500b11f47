package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fanin-bench/fanin-bench/harness/pick"
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
	return fill(document.Content[0], reflect.ValueOf(s).Elem(), "")
}

// oneLine words an error of the YAML syntax without the library's heading.
func oneLine(err error) string {
	return strings.Join(strings.Fields(strings.TrimPrefix(err.Error(), "yaml: ")), " ")
}

// fill sets the fields of a struct from the keys of a mapping. Fields without a
// key in it stay as they are.
func fill(node *yaml.Node, into reflect.Value, section string) error {
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: want %s, each with a value", node.Line, strings.Join(keysOf(into.Type()), ", "))
	}
	lines := make(map[string]int)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		field := fieldOf(into, key.Value)
		if !field.IsValid() {
			return fmt.Errorf("line %d: %w", key.Line, unknownKey(key.Value, section, into.Type()))
		}
		if first, twice := lines[key.Value]; twice {
			return fmt.Errorf("line %d: key %q was given before, in line %d", key.Line, key.Value, first)
		}
		lines[key.Value] = key.Line
		if err := fillField(value, field, key.Value); err != nil {
			return err
		}
	}
	return nil
}

// fillField sets one field: a section, a type that reads itself, or a plain value.
func fillField(node *yaml.Node, field reflect.Value, key string) error {
	if value, ok := field.Addr().Interface().(yamlValue); ok {
		err := value.readYAML(key, node)
		var at *lineError
		if errors.As(err, &at) {
			return fmt.Errorf("line %d: %s: %w", at.line, key, at.err)
		}
		return err
	}
	if field.Kind() == reflect.Struct {
		return fill(node, field, key)
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
		value, err := ParseCount(text, LimitOf(key))
		if err != nil {
			return err
		}
		field.SetInt(value)
	case reflect.Float64:
		values, err := ParseFloats(text)
		if err == nil && len(values) > 1 {
			err = errOneValue
		}
		if err != nil {
			return err
		}
		field.SetFloat(values[0])
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
func unknownKey(key, section string, t reflect.Type) error {
	where := ""
	if section != "" {
		where = fmt.Sprintf(" of section %q", section)
	}
	own := keysOf(t)
	if pick.Closest(key, own) == "" {
		var near string
		for field := range sections() {
			if key := pick.Closest(key, keysOf(field.Type)); key != "" {
				near = fmt.Sprintf("did you mean %q of section %q? ", key, keyOf(field))
			}
		}
		return fmt.Errorf("unknown key%s %q (%sone of %s)", where, key, near, strings.Join(own, ", "))
	}
	return pick.Unknown("key"+where, key, own)
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
	for section := range sections() {
		keys = append(keys, keysOf(section.Type)...)
	}
	return keys
}
