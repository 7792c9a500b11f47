//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A program that the system refuses to start is wrong usage, which names the flag and the
// cause.
func TestUnstartable(t *testing.T) {
	dir := t.TempDir()
	for file, test := range map[string]struct{ text, why string }{
		"text":   {"no program\n", "it is neither a program for this system nor a script that names its interpreter"},
		"script": {"#!/nonexistent/interpreter\n", "its interpreter or loader does not exist"},
	} {
		path := filepath.Join(dir, file)
		if err := os.WriteFile(path, []byte(test.text), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{
			{"list", "--program", path}, {"run", "--program", path}, {"run", "--against", path, "--strategies", "chan"},
		} {
			t.Chdir(t.TempDir())
			flag := args[1]
			code, stdout, stderr := invoke(t, args...)
			checkError(t, args, code, exitUsage, stdout, stderr, flag+": \""+path+"\" cannot be executed: "+test.why)
			if left, _ := os.ReadDir("."); len(left) > 0 || strings.Contains(stderr, "fork/exec") {
				t.Errorf("%q: %d files are left, stderr %q", args, len(left), stderr)
			}
		}
	}
}
