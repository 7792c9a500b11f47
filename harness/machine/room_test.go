package machine

import (
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
)

// A trial may use what leaves the system no reason to end the program that started it,
// and no more than 4 GiB unless it is told so.
func TestTrialMemory(t *testing.T) {
	for _, test := range []struct {
		machine uint64
		cgroup  int64
		want    int64
	}{
		{0, 0, 4096 * mebibyte},
		{64 << 30, 0, 4096 * mebibyte},
		{64 << 30, 32 << 30, 4096 * mebibyte},
		{1 << 63, 0, 4096 * mebibyte},
		{64 << 30, 512 * mebibyte, 170 * mebibyte},
		{0, 2048 * mebibyte, 1194 * mebibyte},
		{2048 * mebibyte, 4096 * mebibyte, 1194 * mebibyte},
		{64 << 30, 100 * mebibyte, 64 * mebibyte},
	} {
		got := TrialMemory(test.machine, test.cgroup)
		if got != test.want {
			t.Errorf("machine of %d, cgroup of %d: %d MiB, want %d", test.machine, test.cgroup, got/mebibyte, test.want/mebibyte)
		}
		if room := test.cgroup; room >= 512*mebibyte && room < 4<<30 && HardLimit(got)+ownMemory > room {
			t.Errorf("a trial of %d may take %d, which leaves no room in %d", got, HardLimit(got), room)
		}
	}
	small := results.Environment{MemoryBytes: 64 << 30, Limits: &results.Limits{MemoryBytes: 512 * mebibyte}}
	for limit, warns := range map[int64]bool{0: true, 256 * mebibyte: true, 170 * mebibyte: false, 4096 * mebibyte: true} {
		if text := MemoryWarning(small, limit); (text != "") != warns {
			t.Errorf("a limit of %d: %q", limit, text)
		}
	}
	if text := MemoryWarning(results.Environment{}, 0); text != "" {
		t.Errorf("of an unknown machine: %q", text)
	}
}

const mebibyte = 1 << 20
