package harness

import (
	"os/exec"
	"sync"
)

// groups are the children that run, each with the processes that it started itself.
var groups runningGroups

type runningGroups struct {
	sync.Mutex
	pids map[int]bool
}

// add notes a child that has been started.
func (g *runningGroups) add(pid int) {
	g.Lock()
	defer g.Unlock()
	if g.pids == nil {
		g.pids = map[int]bool{}
	}
	g.pids[pid] = true
}

// end takes a child back that has ended, and kills what it left running, which would
// take part in the next measurement. Its number is not another's yet: that it would be
// in this moment, and the one of a group, takes all numbers to have gone round.
func (g *runningGroups) end(pid int) {
	g.Lock()
	defer g.Unlock()
	delete(g.pids, pid)
	_ = killGroup(pid) // there is none left, most of the time
}

// KillChildren kills every child that runs and what these have started, for a process
// that ends at once.
func KillChildren() {
	groups.Lock()
	defer groups.Unlock()
	for pid := range groups.pids {
		_ = killGroup(pid)
	}
	killMarked(ownMark())
}

// RunIsolated runs a command to its end, apart from this process's own group. When its
// context ends, it is killed with what it started.
func RunIsolated(child *exec.Cmd) error {
	child.WaitDelay = grace
	isolate(child)
	return runTied(child, func() {})
}
