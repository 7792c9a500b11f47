package trial

import (
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Whatever the consumer receives arrives at every sink, as often written as asked
// for, with every driver.
func TestSinks(t *testing.T) {
	for _, kind := range results.Sinks()[1:] {
		for _, c := range []struct {
			name   string
			frame  int64
			change func(*results.Cell)
		}{
			{"words", 8, func(*results.Cell) {}},
			{"bytes", 1, func(c *results.Cell) { c.SinkFrame = results.FrameByte }},
			{"payload", 100, func(c *results.Cell) { c.Payload = 100 }},
			{"payload as bytes", 1, func(c *results.Cell) { c.Payload, c.SinkFrame = 100, results.FrameByte }},
			{"open", 8, func(c *results.Cell) {
				c.Messages, c.Arrival, c.Rate, c.DurationNs = 0, results.ArrivalBurst, 10_000, int64(50*time.Millisecond)
			}},
		} {
			for _, write := range results.SinkWrites() {
				t.Run(kind+"/"+c.name+"/"+write, func(t *testing.T) {
					if kind == results.SinkFile && testing.Short() {
						t.Skip("syncs")
					}
					m := trialOf(t, "mutex-swap", func(cell *results.Cell) {
						cell.Messages, cell.Sink, cell.SinkWrite = 2000, kind, write
						c.change(cell)
					})
					want := results.Sink{Bytes: m.Delivered * c.frame, Writes: m.Delivered}
					if write == results.WriteBatch {
						want.Writes = m.Receives
					}
					if kind == results.SinkFile {
						want.Syncs = m.Receives
					}
					if m.Sink == nil || *m.Sink != want {
						t.Errorf("%d messages in %d receives: sink %+v; want %+v", m.Delivered, m.Receives, m.Sink, want)
					}
				})
			}
		}
	}
}

// The harness floor writes what its messages would have held.
func TestSinkOfFloor(t *testing.T) {
	m := trialOf(t, "null", func(c *results.Cell) {
		c.Messages, c.Payload, c.Sink, c.SinkWrite = 1000, 64, results.SinkUnix, results.WriteBatch
	})
	if m.Sink == nil || m.Sink.Bytes != 64_000 {
		t.Errorf("sink %+v; want 64000 bytes", m.Sink)
	}
}

// A batch too large to be held twice is written in parts.
func TestSinkLargeBatch(t *testing.T) {
	m := trialOf(t, "mutex-swap", func(c *results.Cell) {
		c.Messages, c.Payload, c.Sink, c.SinkWrite, c.RecvBatch = 12, 2<<20, results.SinkTCP, results.WriteBatch, 12
	})
	if m.Sink.Bytes != 12*2<<20 || m.Sink.Writes < 6 {
		t.Errorf("sink %+v; want 24 MiB in at least 6 writes", m.Sink)
	}
}

// A sink that cannot be opened is an error of the trial, not of the strategy.
func TestSinkCannotOpen(t *testing.T) {
	t.Setenv("TMPDIR", "/nowhere/at/all")
	t.Setenv("TMP", `\\?\nowhere`)
	known, _ := pick.Find(strategies.All(), "chan")
	cell := harnesstest.Cell(known, 1)
	cell.Sink = results.SinkFile
	reply := Run(known, Spec{Cell: cell})
	if reply.Failure == nil || reply.Failure.Kind != results.FailureError || !strings.Contains(reply.Failure.Detail, "opening the file sink") {
		t.Errorf("failure %+v; want an error of opening the sink", reply.Failure)
	}
}
