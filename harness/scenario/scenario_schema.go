package scenario

import (
	"reflect"

	"github.com/fanin-bench/fanin-bench/results"
)

// Schema is a JSON schema, or a part of one.
type Schema map[string]any

// JSONSchema returns the JSON schema of scenario files, made from the types
// that read them. describe says in words what a key is for.
func JSONSchema(describe func(key string) string) Schema {
	top := Schema{
		"name":  Schema{"type": "string", "description": "what the scenario is called"},
		"about": Schema{"type": "string", "description": "the question it answers"},
	}
	differing := Schema{}
	for section := range sections() {
		keys := Schema{}
		for field := range section.Type.Fields() {
			key := keyOf(field)
			value := schemaOf(field.Type, choices()[key])
			if mayBeEmpty(key) {
				delete(value["anyOf"].([]Schema)[1], "minItems")
			}
			value["description"] = describe(key)
			keys[key] = value
		}
		top[keyOf(section)] = object(keys)
		differing[keyOf(section)] = Schema{"$ref": "#/properties/" + keyOf(section)}
	}
	top["variants"] = Schema{
		"type": "array", "items": object(differing),
		"description": "what is run side by side instead: each the sections in which it differs",
	}
	schema := object(top)
	schema["$schema"] = "http://json-schema.org/draft-07/schema#" // what editors know
	schema["title"] = "fanin-bench scenario"
	return schema
}

// object describes a mapping of these keys and no others.
func object(keys Schema) Schema {
	return Schema{"type": "object", "additionalProperties": false, "properties": keys}
}

// schemaOf describes the values of a type, if there are choices, of one of them.
func schemaOf(t reflect.Type, choices []string) Schema {
	number := Schema{"type": "number"}
	text := Schema{"type": "string"}
	if choices != nil {
		text = Schema{"enum": choices}
	}
	count := Schema{"type": []string{"integer", "string"}, "pattern": countPattern}
	switch t {
	case reflect.TypeFor[Ints](), reflect.TypeFor[Sizes](), reflect.TypeFor[Capacities]():
		return oneOrMore(Schema{"type": []string{"integer", "string"}})
	case reflect.TypeFor[Rates]():
		return oneOrMore(Schema{"type": []string{"number", "string"}})
	case reflect.TypeFor[Floats]():
		return oneOrMore(number)
	case reflect.TypeFor[Strings]():
		return oneOrMore(text)
	case reflect.TypeFor[Durations]():
		return oneOrMore(Schema{"type": []string{"integer", "string"}}) // 0 has no unit
	case reflect.TypeFor[Duration](), reflect.TypeFor[Size]():
		return Schema{"type": []string{"integer", "string"}}
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return count
	case reflect.Float64:
		return number
	case reflect.Bool:
		return Schema{"type": "boolean"}
	default:
		return text
	}
}

// countPattern is what ParseCount reads.
const countPattern = "^[+-]?[0-9.]+([eE][+-]?[0-9]+)?([kKMGTP]i?)?$"

// oneOrMore describes a value or a list of values.
func oneOrMore(value Schema) Schema {
	return Schema{"anyOf": []Schema{value, {"type": "array", "items": value, "minItems": 1}}}
}

// expectable lists the failures that a scenario may expect.
func expectable() []string {
	var kinds []string
	for _, kind := range results.Expectable() {
		kinds = append(kinds, string(kind))
	}
	return kinds
}

// choices lists the words that a key takes, where those are fixed.
func choices() map[string][]string {
	return map[string][]string{
		"arrival": results.Arrivals(), "item": results.Items(), "allocation": results.Allocations(),
		"policy": Policies(), "cost-kind": results.CostKinds(), "expect": expectable(),
		"sink": results.Sinks(), "sink-write": results.SinkWrites(), "sink-frame": results.SinkFrames(),
		"busy-kind": results.BusyKinds(),
	}
}
