package terminal

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

func TestOneLine(t *testing.T) {
	one, two := errors.New("writing a: no space"), errors.New("writing b: no space")
	for want, err := range map[string]error{
		"writing a: no space":                                  one,
		"writing a: no space; writing b: no space":             errors.Join(one, two),
		"writing a: no space; writing b: no space; and 2 more": errors.Join(one, errors.Join(two, one, one)),
		"line 1; line 2":                                       errors.New("line 1\n  line 2\n"),
	} {
		if got := OneLine(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Whatever a directory is called, the shell reads its name as one word, and the command
// that was proposed stays in one line.
func TestShellQuoted(t *testing.T) {
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash to ask")
	}
	for _, word := range []string{
		"out/latest", "", " ", "it's", `"q" $(touch x) ; & | < > * ? ~ # !`, "-dash", "new\nline", "esc\x1b[31m", "tab\t'\\", "日本語 ü", "\xff\xfe", "a=b", "²",
	} {
		quoted := ShellQuoted(word)
		if strings.ContainsAny(quoted, "\n\x1b\t") {
			t.Errorf("%q is quoted over more than a line: %q", word, quoted)
		}
		said, err := exec.Command(shell, "-c", "printf %s. "+quoted).Output()
		if err != nil || string(said) != word+"." {
			t.Errorf("%q is quoted as %s, which the shell reads as %q (%v)", word, quoted, said, err)
		}
	}
}

func TestPath(t *testing.T) {
	for path, want := range map[string]string{
		"out/it's a run": "out/it's a run", "日本語": "日本語", "new\nline": `"new\nline"`, "esc\x1b[31m": `"esc\x1b[31m"`,
	} {
		if got := Path(path); got != want {
			t.Errorf("%q is shown as %s, want %s", path, got, want)
		}
	}
}
