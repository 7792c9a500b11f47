//go:build unix

package harness

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// ownGroup starts a child in a process group of its own, so that Ctrl-C reaches only
// us, and has it killed as a group.
func ownGroup(child *exec.Cmd) {
	if child.SysProcAttr == nil {
		child.SysProcAttr = &syscall.SysProcAttr{}
	}
	child.SysProcAttr.Setpgid = true
	if child.Cancel != nil { // it is nil without a context
		child.Cancel = func() error { return killGroup(child.Process.Pid) }
	}
}

// killGroup kills the group that a process leads.
func killGroup(pid int) error {
	err := syscall.Kill(-pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
