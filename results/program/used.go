package program

import (
	"os"

	"github.com/fanin-bench/fanin-bench/results"
)

// pids returns the processes that take part, by role.
func (t *trial) pids() map[string][]int {
	all := map[string][]int{results.RoleConsumer: {os.Getpid()}}
	for _, p := range t.processes {
		all[results.RoleProducer] = append(all[results.RoleProducer], p.child.Process.Pid)
	}
	if helped, ok := t.queue.(Helped); ok {
		all[results.RoleBroker] = helped.Helpers()
	}
	return all
}

func cpuOfAll(pids map[string][]int) map[string]int64 {
	all := map[string]int64{}
	for role, ids := range pids {
		for _, id := range ids {
			all[role] += cpuOf(id)
		}
	}
	return all
}

// used returns what processes used since, by role.
func used(pids map[string][]int, before map[string]int64) (all []results.Process) {
	after := cpuOfAll(pids)
	for _, role := range results.Roles() {
		ids := pids[role]
		if len(ids) == 0 {
			continue
		}
		p := results.Process{Role: role, Count: len(ids), CPUNs: max(0, after[role]-before[role])}
		for _, id := range ids {
			p.PeakBytes += peakOf(id)
		}
		all = append(all, p)
	}
	return all
}
