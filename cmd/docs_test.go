package cmd

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every verb that help shows has a page, and pages say what help says.
func TestMan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "man")
	if code, stdout, stderr := invoke(t, "docs", "man", dir); code != exitSuccess || stdout+stderr != "" {
		t.Fatalf("exit %d, %s%s", code, stdout, stderr)
	}
	root := (&app{known: known()}).root(io.Discard)
	for _, verb := range root.Commands() {
		text, err := os.ReadFile(filepath.Join(dir, "fanin-bench-"+verb.Name()+".1"))
		if !verb.IsAvailableCommand() {
			if err == nil {
				t.Errorf("%s is not to be seen and has a page", verb.Name())
			}
			continue
		}
		page := strings.ReplaceAll(string(text), `\-`, "-")
		if err != nil || !strings.Contains(page, verb.Short) || !strings.Contains(page, ".SH NAME") {
			t.Errorf("%s: %v:\n%s", verb.Name(), err, page)
		}
	}
}
