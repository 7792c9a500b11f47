package program

import (
	"os/exec"
	"syscall"
)

// tie has the system end a process when this one ends, however that comes about. It stays
// in this process's group, which who started the trial kills as a whole.
func tie(child *exec.Cmd) { child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
