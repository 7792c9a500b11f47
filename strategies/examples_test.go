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

// What README.md and the package's documentation show is code that is tested.
func TestShownCode(t *testing.T) {
	for _, test := range []struct {
		function, source, shown string
	}{
		{"collect", "example_service_test.go", "../README.md"},
		{"receive", "example_service_test.go", "../README.md"},
		{"collect", "example_service_test.go", "doc.go"},
		{"receive", "example_service_test.go", "doc.go"},
	} {
		function := regexp.MustCompile(`(?ms)^// ` + test.function + ` .*?^}\n`).FindString(read(t, test.source))
		if function == "" {
			t.Fatalf("%s has no commented function %s", test.source, test.function)
		}
		if strings.HasSuffix(test.shown, ".go") { // as a block of a comment
			function = strings.ReplaceAll("//\t"+strings.ReplaceAll(strings.TrimSuffix(function, "\n"), "\n", "\n//\t"), "//\t\n", "//\n") + "\n"
		}
		if !strings.Contains(read(t, test.shown), function) {
			t.Errorf("%s does not show function %s as it is in %s:\n%s", test.shown, test.function, test.source, function)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
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
		source := read(t, path)
		if strings.HasSuffix(path, "_test.go") {
			for _, found := range example.FindAllStringSubmatch(source, -1) {
				shown[found[1]] = strings.Contains(found[2], "\t// Output:")
			}
			continue
		}
		for _, found := range constructor.FindAllStringSubmatch(source, -1) {
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
