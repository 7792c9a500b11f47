package harness

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What a child leaves running is killed with it, in a session of its own, too.
func TestDescendantsEnd(t *testing.T) {
	t.Parallel()
	begun := filepath.Join(t.TempDir(), "begun")
	const script = `setsid sh -c 'touch "$0"; exec sleep 600' "$0" >/dev/null 2>&1 & while ! test -e "$0"; do sleep 0.01; done`
	child := exec.CommandContext(t.Context(), "sh", "-c", script, begun)
	if err := RunIsolated(child); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(begun); err != nil {
		t.Fatalf("nothing was left running: %v", err)
	}
	ours := child.Env[len(child.Env)-1]
	t.Cleanup(func() { killMarked(ours) })
	if !strings.HasPrefix(ours, ownMark()) {
		t.Fatalf("the child's mark is %q", ours)
	}
	// One that was killed is there until its new parent has looked at it.
	for deadline := time.Now().Add(10 * time.Second); len(marked(ours)) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("processes %v are left", marked(ours))
		}
	}
}

// Processes of one child are not taken for those of another.
func TestMarksDiffer(t *testing.T) {
	t.Parallel()
	child := exec.CommandContext(t.Context(), "sleep", "600")
	m := mark(child)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	killMarked(strings.TrimSuffix(m, ".") + "0.")
	if got := marked(m); len(got) != 1 || got[0] != child.Process.Pid {
		t.Errorf("processes %v have the mark; want %d", got, child.Process.Pid)
	}
	killMarked(m)
	if err := child.Wait(); err == nil {
		t.Error("it ended by itself")
	}
}

// A process that turns into another program has no environment for a moment: it is found
// whenever it is looked for. One that was overlooked outlived the trial that had left it.
func TestMarkedWhileTurning(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "turns")
	// The script is read, not executed: that fails as long as a process that another test starts
	// just now has the file open for writing.
	if err := os.WriteFile(script, []byte("exec sh \"$0\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), "sh", script)
	m := mark(child)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	const looks = 100 // one in ten came at such a moment
	missed := 0
	for range looks {
		if len(marked(m)) != 1 {
			missed++
		}
	}
	if missed > 0 {
		t.Errorf("it was overlooked %d times of %d", missed, looks)
	}
	killMarked(m)
	if err := child.Wait(); err == nil {
		t.Error("it ended by itself")
	}
}
