package cmd

import "testing"

// The schema that editors get is what the types give. What it takes and refuses is tested
// where scenarios are read.
func TestSchema(t *testing.T) {
	_, printed, _ := invoke(t, "list", "--schema")
	golden(t, "../../docs/scenario.schema.json", printed)
}
