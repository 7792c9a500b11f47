package trial

import (
	"time"

	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// pausing is a closed loop of messages whose producers pause after every so many.
type pausing struct {
	*messages
	length time.Duration
	every  uint64
}

func (d pausing) produce(p strategies.Producer[strategies.Message], id int, quota uint64) (t record.Tally, err error) {
	w := d.writer(p, id)
	send := d.compute.between(d.sendBatch, func(from, to uint64) error { return w.sendRange(p, from, to, &t) })
	for from := uint64(0); from < quota && err == nil && !d.curfew.passed(); from += d.every {
		if from > 0 {
			time.Sleep(d.length)
		}
		err = send(from, min(from+d.every, quota))
	}
	return t, err
}
