package strategies_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
)

func ExampleNewWord() {
	w := strategies.NewWord(3, 41)
	fmt.Println(w.Producer(), w.Seq())
	// Output: 3 41
}

// Every exported constructor has an example whose output is checked.
func TestExamples(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	constructor := regexp.MustCompile(`(?m)^func (New\w*)`)
	example := regexp.MustCompile(`(?ms)^func Example(New\w*)\(\) \{\n(.*?)^\}`)
	var constructors []string
	shown := map[string]bool{}
	for _, path := range paths {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, "_test.go") {
			for _, found := range example.FindAllStringSubmatch(string(source), -1) {
				shown[found[1]] = strings.Contains(found[2], "\t// Output:")
			}
			continue
		}
		for _, found := range constructor.FindAllStringSubmatch(string(source), -1) {
			constructors = append(constructors, found[1])
		}
	}
	if len(constructors) == 0 {
		t.Fatal("no constructors found")
	}
	for _, name := range constructors {
		if !shown[name] {
			t.Errorf("%s has no Example%s with output", name, name)
		}
	}
}
