package advice

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/peers"
)

// The code of every strategy under every policy compiles, and every strategy that
// carries anything has some.
func TestSnippetsCompile(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	paths := map[string]bool{}
	snippets := 0
	for _, s := range strategies.All() {
		if s.Floor {
			continue
		}
		for _, policy := range strategies.Policies() {
			if !s.Offers(policy) {
				continue
			}
			for _, c := range []results.Cell{{}, {Sharing: results.SharingShared, Lifetime: 1}, {Lifetime: 1}} {
				c.Strategy, c.Producers, c.Policy, c.Capacity, c.RecvBatch = s.Name, 3, policy.String(), 64, 16
				imports, code := snippet(s, c)
				if code == "" {
					t.Errorf("%s has no code", s.Name)
					continue
				}
				for _, path := range imports {
					paths[path] = true
				}
				snippets++
				fmt.Fprintf(&file, "func _(source func(int) <-chan Event, handle func([]Event)) {\n%s}\n", code)
			}
		}
	}
	head := "package p\n"
	for path := range paths {
		head += fmt.Sprintf("import %q\n", path)
	}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, "snippets.go", head+"type Event struct{ Name string }\n"+file.String(), 0)
	if err != nil {
		t.Fatal(err)
	}
	config := types.Config{Importer: importer.ForCompiler(set, "source", nil)}
	if _, err := config.Check("p", set, []*ast.File{parsed}, nil); err != nil {
		t.Error(err)
	}
	if snippets < 6*len(strategies.All()) {
		t.Errorf("only %d snippets", snippets)
	}
	for _, s := range peers.All() { // to compile what they import takes too long here
		path, name := constructor(s)
		if s.Unbuildable == "" && (!strings.HasSuffix(path, "/strategies/peers") || !token.IsExported(name)) {
			t.Errorf("%s has the constructor %q of %q", s.Name, name, path)
		}
	}
	if imports, code := snippet(strategies.Strategy{}, results.Cell{}); imports != nil || code != "" {
		t.Errorf("code for a strategy without a constructor: %s", code)
	}
}
