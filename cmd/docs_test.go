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
		if verb.Hidden {
			if err == nil {
				t.Errorf("%s is hidden and has a page", verb.Name())
			}
			continue
		}
		page := strings.ReplaceAll(string(text), `\-`, "-")
		if err != nil || !strings.Contains(page, verb.Short) || !strings.Contains(page, ".SH NAME") {
			t.Errorf("%s: %v:\n%s", verb.Name(), err, page)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "fanin-bench-run.1"))
	if err != nil || !strings.Contains(strings.ReplaceAll(string(text), `\-`, "-"), "--shard") {
		t.Errorf("%v: run's page lacks --shard", err)
	}
	// Equal programs make equal pages, whenever that is.
	again := filepath.Join(t.TempDir(), "again")
	t.Setenv("SOURCE_DATE_EPOCH", "0")
	invoke(t, "docs", "man", again)
	other, err := os.ReadFile(filepath.Join(again, "fanin-bench-run.1"))
	if err != nil || !strings.Contains(string(other), "Jan 1970") || strings.Contains(string(other), "Auto generated") {
		t.Errorf("%v: run's page carries the day of its making", err)
	}
}

func TestCompletionScripts(t *testing.T) {
	dir := t.TempDir()
	if code, _, stderr := invoke(t, "docs", "completions", dir); code != exitSuccess {
		t.Fatal(stderr)
	}
	for _, name := range []string{"fanin-bench.bash", "_fanin-bench", "fanin-bench.fish", "fanin-bench.ps1"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.Contains(string(text), "fanin-bench") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDocsErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"docs", "man"}, exitUsage, "docs needs man or completions, and a directory, received 1"},
		{[]string{"docs", "html", file}, exitUsage, `unknown documents "html" (one of man, completions)`},
		{[]string{"docs", "man", file}, exitFailure, "writing man"},
	} {
		code, stdout, stderr := invoke(t, test.args...)
		checkError(t, test.args, code, test.code, stdout, stderr, test.want)
	}
}
