//go:build !linux

package harness

import (
	"os"
	"os/exec"
)

// isolate and runTied do what can be done without Linux's parent-death signal:
// a child that outlives us ends by its own timeout.
func isolate(child *exec.Cmd) { ownGroup(child) }

func runTied(child *exec.Cmd, started func()) error {
	if err := child.Start(); err != nil {
		return err
	}
	groups.add(child.Process.Pid)
	defer groups.end(child.Process.Pid)
	started()
	return child.Wait()
}

// killedBy returns the signal that ended the child as its state words it, or "".
func killedBy(exit *exec.ExitError) string {
	if exit.ExitCode() == -1 {
		return exit.String()
	}
	return ""
}

// peakBytes, residentBytes and limitData do without Linux's /proc and limits: the
// child then is its only guard.
func peakBytes(*os.ProcessState) int64 { return 0 }

func residentBytes(int) (int64, bool) { return 0, false }

func familyBytes(int) (int64, bool) { return 0, false }

func limitData(int64) {}
