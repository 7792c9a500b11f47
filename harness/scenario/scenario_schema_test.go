package scenario

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// The schema that editors get takes the built-in scenarios and refuses what the reader
// refuses. It is that of the documentation, which package cmd holds against the types: this
// program starts no others, each of which would take 8 ms longer to start with the library
// that reads schemas.
func TestSchema(t *testing.T) {
	text, err := os.ReadFile("../../docs/scenario.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("scenario.json", parsed); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	validate := func(text []byte) error {
		var chosen map[string]any
		if err := yaml.Unmarshal(text, &chosen); err != nil {
			return err
		}
		return schema.Validate(chosen)
	}
	files, err := filepath.Glob("scenarios/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios found, error %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(text); err != nil {
			t.Errorf("the schema refuses %s: %v", file, err)
		}
	}
	for _, text := range []string{"items: {payload: [8, 64KiB]}", "items: {payload: 64..64k}", "load: {rate: [10k/s, 1e6]}", "run: {messages: 1.5M}"} {
		if err := validate([]byte(text)); err != nil {
			t.Errorf("the schema refuses %q: %v", text, err)
		}
		if _, err := Parse("mine", []byte(text)); err != nil {
			t.Error(err)
		}
	}
	for _, text := range []string{
		"nam: x", "load: {producer: 3}", "load: {arrival: often}", "run: {reps: many}", "queue: {probe: 3}", "producers: 3",
		"load: {producers: []}", "items: {payload: [[8]]}", "variants: {}", "variants: [{name: x}]", "variants: [{load: {producer: 3}}]",
	} {
		if validate([]byte(text)) == nil {
			t.Errorf("the schema takes %q", text)
		}
	}
}
