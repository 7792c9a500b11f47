package monitor

import (
	"sync/atomic"
	"testing"
	"time"
)

// A monitor that is held looks at nothing, and its time goes on where it was held.
func TestHold(t *testing.T) {
	var looks atomic.Int64
	m := New([]func() int{func() int { return int(looks.Add(1)) }})
	watch := func(until int64) {
		m.Resume()
		for looks.Load() < until {
			time.Sleep(HiccupSleep)
		}
		m.Hold()
	}
	watch(3)
	held, spent := looks.Load(), m.spent
	const pause = 100 * time.Millisecond
	time.Sleep(pause)
	if n := looks.Load(); n != held {
		t.Errorf("%d looks while it was held", n-held)
	}
	begun := time.Now()
	watch(held + 3)
	watched := time.Since(begun)
	all := m.Seen().Samples[0]
	if len(all) != int(looks.Load()) || m.Seen().Hiccups.TotalCount() < int64(len(all)) {
		t.Errorf("%d samples of %d looks, %d hiccups", len(all), looks.Load(), m.Seen().Hiccups.TotalCount())
	}
	for i := range all[1:] {
		if all[i+1].At <= all[i].At {
			t.Errorf("sample %d at %v follows one at %v", i+1, all[i+1].At, all[i].At)
		}
	}
	if went := all[len(all)-1].At - spent; went > watched {
		t.Errorf("its time went on by %v in %v", went, watched)
	}
}
