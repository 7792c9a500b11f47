package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block is a fenced block of a page.
type block struct {
	language, text string
	line           int // of the page, where it begins
}

// blocks returns the fenced blocks of a page.
func blocks(page string) (all []block) {
	var current *block
	for i, line := range strings.Split(page, "\n") {
		fence, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && current == nil:
			current = &block{language: fence, line: i + 1}
		case isFence:
			all = append(all, *current)
			current = nil
		case current != nil:
			current.text += line + "\n"
		}
	}
	return all
}

// Every block of commands on every page is executed by bash, one after the other in one
// directory for each page. The program, go, git and make are the short forms of shorten
// and testdata/bin; what a console block shows is what the command prints.
func TestCommands(t *testing.T) {
	t.Parallel()
	ran := 0
	for _, page := range pages(t) {
		var scripts []block
		for _, b := range blocks(read(t, page)) {
			switch b.language {
			case "sh", "console":
				scripts = append(scripts, b)
			case "yaml": // of a CI system: what its jobs execute; others are scenarios, tested where they are read
				if script := regexp.MustCompile(`(?m)^ *script: \[(.*)\]$`).FindStringSubmatch(b.text); script != nil {
					scripts = append(scripts, block{"sh", strings.ReplaceAll(script[1], ", ", "\n"), b.line})
				}
			case "text": // printed by what takes hours
			case "go": // see TestShownCode
			default:
				t.Errorf("%s:%d: a block of %q, which no test knows (one of sh, console, text, go, yaml)", page, b.line, b.language)
			}
		}
		ran += len(scripts)
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			shell := sandbox(t)
			for _, b := range scripts {
				if b.language == "console" {
					b.checkConsole(t, page, shell)
				} else if out, err := shell(b.text); err != nil {
					t.Errorf("%s:%d: %v\n%s\n%s", page, b.line, err, b.text, out)
				}
			}
		})
	}
	if ran < 8 {
		t.Errorf("%d blocks of commands on all pages", ran)
	}
}

// checkConsole executes the commands of a block, after "$ ", and compares what they print
// with the lines that follow, of which "..." stands for any number.
func (b block) checkConsole(t *testing.T, page string, shell func(string) (string, error)) {
	t.Helper()
	for _, session := range strings.Split("\n"+b.text, "\n$ ")[1:] {
		command, shown, _ := strings.Cut(session, "\n")
		printed, err := shell(command)
		if err != nil {
			t.Errorf("%s:%d: %s: %v\n%s", page, b.line, command, err, printed)
			continue
		}
		pattern := regexp.QuoteMeta(strings.TrimRight(shown, "\n"))
		pattern = strings.ReplaceAll("\n"+pattern+"\n", "\n\\.\\.\\.\n", "\n(?s:.*\n)?")
		if !regexp.MustCompile(pattern).MatchString("\n" + printed) {
			t.Errorf("%s:%d: %s prints\n%s\nwhich is not\n%s", page, b.line, command, printed, shown)
		}
	}
}

// sandbox makes a directory that looks like a checkout and returns what executes a script
// in it.
func sandbox(t *testing.T) func(script string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(top, "cmd", "fanin-bench", "testdata", "bin")
	link := func(target string, name ...string) {
		if err := os.Symlink(target, filepath.Join(append([]string{dir}, name...)...)); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(top)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		switch name := entry.Name(); name {
		case "out", "bin", ".git", ".ci":
		default:
			link(filepath.Join(top, name), name)
		}
	}
	for _, name := range []string{".ci", "bin", "path"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	link(filepath.Join(bin, "bench-ci"), ".ci", "bench-ci")
	link(filepath.Join(bin, "run"), ".ci", "run")
	link(filepath.Join(top, ".ci", "bench-ci.yaml"), ".ci", "bench-ci.yaml")
	link(testBinary(t), "bin", "fanin-bench")
	for name := range standsFor {
		link(testBinary(t), "bin", name)
	}
	link(testBinary(t), "path", "fanin-bench")
	link(testBinary(t), "path", "mybench")
	for _, name := range []string{"make", "go", "git"} {
		link(filepath.Join(bin, name), "path", name)
	}
	environment := append(os.Environ(), standInVariable+"=1", "STAND_IN="+testBinary(t), "REPOSITORY="+top,
		"PATH="+filepath.Join(dir, "path")+string(os.PathListSeparator)+os.Getenv("PATH"))
	return func(script string) (string, error) {
		// A path that only a reader can know is that of any build.
		script = strings.ReplaceAll(script, "/path/to/base/mybench", testBinary(t))
		command := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
		command.Dir, command.Env = dir, environment
		out, err := command.CombinedOutput()
		return string(out), err
	}
}

// Go code on a page is code of a test, which compiles and mostly runs.
func TestShownCode(t *testing.T) {
	var tests strings.Builder
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		tests.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, page := range pages(t) {
		for _, b := range blocks(read(t, page)) {
			if b.language != "go" {
				continue
			}
			shown++
			if !strings.Contains(tests.String(), b.text) {
				t.Errorf("%s:%d: no test has this code:\n%s", page, b.line, b.text)
			}
		}
	}
	if shown == 0 {
		t.Error("no page shows Go code")
	}
}
