//go:build unix

package cmd

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// Every verb that writes a file named by its user writes into what is there: a pipe
// stays a pipe, a link a link, and - is standard output.
func TestOutIsWrittenInto(t *testing.T) {
	run, other := stored(t, smallSynthetic()), stored(t, smallSynthetic())
	for name, args := range map[string][]string{
		"export": {"export", run, "--format", "csv"}, "report": {"report", run}, "compare": {"compare", run, other},
		"hgrm": {"export", run, "--format", "hgrm", "--strategies", "chan", "--producers", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			pipe, link := filepath.Join(dir, "pipe"), filepath.Join(dir, "link")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			code, want, stderr := invoke(t, append(args, "--out", "-")...)
			if code != exitSuccess || want == "" || strings.Contains(stderr, "-") {
				t.Fatalf("to standard output: exit %d, %d bytes, stderr %q", code, len(want), stderr)
			}
			if name == "hgrm" { // which otherwise takes a directory
				return
			}
			read := make(chan []byte)
			go func() {
				text, _ := os.ReadFile(pipe) //nolint:errcheck // what is missing is seen
				read <- text
			}()
			if code, _, stderr := invoke(t, append(args, "--out", pipe)...); code != exitSuccess {
				t.Fatalf("into a pipe: exit %d, stderr %q", code, stderr)
			}
			if got := <-read; !bytes.Equal(got, []byte(want)) {
				t.Errorf("the pipe carried %d bytes, want the %d of standard output", len(got), len(want))
			}
			if err := os.Symlink("file", link); err != nil {
				t.Fatal(err)
			}
			if code, _, stderr := invoke(t, append(args, "--out", link)...); code != exitSuccess {
				t.Fatalf("through a link: exit %d, stderr %q", code, stderr)
			}
			if got, err := os.ReadFile(filepath.Join(dir, "file")); err != nil || string(got) != want {
				t.Errorf("through a link: %d bytes (%v), want %d", len(got), err, len(want))
			}
			for path, mode := range map[string]fs.FileMode{pipe: fs.ModeNamedPipe, link: fs.ModeSymlink} {
				if info, err := os.Lstat(path); err != nil || info.Mode().Type() != mode {
					t.Errorf("%s has become another kind of file: %v", path, err)
				}
			}
			line := slices.Concat(args, []string{"--out", dir})
			code, stdout, stderr := invoke(t, line...)
			checkError(t, line, code, exitFailure, stdout, stderr, "is a directory")
		})
	}
}

// Where a directory is needed, - is none.
func TestOutDirectory(t *testing.T) {
	run, other := stored(t, smallSynthetic()), stored(t, smallSynthetic())
	for _, args := range [][]string{
		{"history", run, other, "--out", "-"}, {"merge", run, other, "--out", "-"}, {"run", "--out", "-"}, {"recommend", "--out", "-"},
	} {
		code, stdout, stderr := invoke(t, args...)
		checkError(t, args, code, exitUsage, stdout, stderr, `--out needs a directory, and "-" is standard output`)
	}
}
