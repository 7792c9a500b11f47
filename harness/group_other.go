//go:build !unix

package harness

import (
	"os/exec"
	"strconv"
)

// ownGroup has a child killed with those that it started.
func ownGroup(child *exec.Cmd) {
	if child.Cancel == nil { // without a context
		return
	}
	child.Cancel = func() error {
		if err := killGroup(child.Process.Pid); err != nil {
			return child.Process.Kill()
		}
		return nil
	}
}

// killGroup does what can be done where there are no process groups: taskkill follows
// from child to parent as long as the first of them runs.
func killGroup(pid int) error {
	return exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(pid)).Run()
}
