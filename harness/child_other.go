//go:build !linux

package harness

import "os/exec"

// isolate and runTied do what can be done without Linux's parent-death signal:
// a child that outlives us ends by its own timeout.
func isolate(*exec.Cmd) {}

func runTied(child *exec.Cmd) error { return child.Run() }

// killedBy returns the signal that ended the child as its state words it, or "".
func killedBy(exit *exec.ExitError) string {
	if exit.ExitCode() == -1 {
		return exit.String()
	}
	return ""
}
