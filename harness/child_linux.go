package harness

import (
	"os/exec"
	"runtime"
	"syscall"
)

// isolate puts the child in a process group of its own, so that Ctrl-C reaches
// only us, and has the kernel kill it when we die, however we die.
func isolate(child *exec.Cmd) {
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// runTied runs the child. The kernel ties it to the thread that started it, not
// to the process, so that thread must stay.
func runTied(child *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return child.Run()
}

// killedBy returns the name of the signal that ended the child, or "".
func killedBy(exit *exec.ExitError) string {
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return status.Signal().String()
	}
	return ""
}
