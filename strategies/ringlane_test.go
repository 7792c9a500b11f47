package strategies

import (
	"reflect"
	"testing"
)

// Rings clear what they have delivered only where it may hold references.
func TestHoldsReferences(t *testing.T) {
	for item, want := range map[any]bool{
		0:                    false,
		[4]float64{}:         false,
		[0]*int{}:            false,
		Word(0):              false,
		struct{ a, b int }{}: false,
		"":                   true,
		new(int):             true,
		[1]string{}:          true,
		struct {
			a int
			b [2]struct{ c any }
		}{}: true,
	} {
		if got := holdsReferences(reflect.TypeOf(item)); got != want {
			t.Errorf("holdsReferences(%T) = %v", item, got)
		}
	}
	if !holdsReferences(reflect.TypeFor[Message]()) {
		t.Error("a Message holds no references")
	}
}
