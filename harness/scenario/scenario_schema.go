package scenario

import (
	"reflect"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/parameter"
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
	for _, section := range sectionNames() {
		keys := Schema{}
		for _, key := range sectionKeys(section) {
			var value Schema
			if p, known := ParameterOf(key); known {
				value = schemaOfParameter(p)
			} else {
				value = schemaOf(runField(&Scenario{}, key).Type(), choices()[key])
			}
			if mayBeEmpty(key) {
				delete(value["anyOf"].([]Schema)[1], "minItems")
			}
			value["description"] = describe(key)
			keys[key] = value
		}
		top[section] = object(keys)
		differing[section] = Schema{"$ref": "#/properties/" + section}
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

// schemaOfParameter describes the values of a parameter.
func schemaOfParameter(p results.Parameter) Schema {
	var one Schema
	switch p.Kind {
	case parameter.Word:
		one = words(p.Words)
	case parameter.Rate:
		one = Schema{"type": []string{"number", "string"}}
	case parameter.Number:
		one = Schema{"type": "number"}
	case parameter.TimePerTime, parameter.TimePerCount:
		one = Schema{"type": "string"}
	default:
		one = Schema{"type": []string{"integer", "string"}} // 0 has no unit
	}
	if p.List || p.Kind == parameter.Times {
		return oneOrMore(one)
	}
	return one
}

// schemaOf describes the values of a type, if there are choices, of one of them.
func schemaOf(t reflect.Type, choices []string) Schema {
	switch t {
	case reflect.TypeFor[Strings]():
		return oneOrMore(words(choices))
	case reflect.TypeFor[Duration](), reflect.TypeFor[Size]():
		return Schema{"type": []string{"integer", "string"}}
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return Schema{"type": []string{"integer", "string"}, "pattern": countPattern}
	default:
		return Schema{"type": "boolean"}
	}
}

// words describes a text, if there are choices, one of them.
func words(choices []string) Schema {
	if choices != nil {
		return Schema{"enum": choices}
	}
	return Schema{"type": "string"}
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

// choices lists the words that a key of the run takes, where those are fixed.
func choices() map[string][]string { return map[string][]string{"expect": expectable()} }
