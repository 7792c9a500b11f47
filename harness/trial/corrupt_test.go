package trial

import (
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// corrupting is a fan-in that alters what it delivers.
type corrupting[T any] struct {
	strategies.FanIn[T]
	alter func(*T)
}

type corruptingConsumer[T any] struct {
	strategies.Consumer[T]
	alter func(*T)
}

func (f corrupting[T]) Consumer() strategies.Consumer[T] {
	return corruptingConsumer[T]{f.FanIn.Consumer(), f.alter}
}

func (c corruptingConsumer[T]) Recv(buf []T) (int, error) {
	n, err := c.Consumer.Recv(buf)
	for i := range n {
		c.alter(&buf[i])
	}
	return n, err
}

// corrupt is a strategy that does so to the words of its items.
func corrupt(alter func(strategies.Word) strategies.Word) strategies.Strategy {
	return strategies.Strategy{
		Descriptor: strategies.Descriptor{Name: "corrupt", Bound: strategies.Unbounded},
		Word: func(o strategies.Options) strategies.FanIn[strategies.Word] {
			return corrupting[strategies.Word]{strategies.NewMutexSwap[strategies.Word](o), func(w *strategies.Word) { *w = alter(*w) }}
		},
		Message: func(o strategies.Options) strategies.FanIn[strategies.Message] {
			return corrupting[strategies.Message]{strategies.NewMutexSwap[strategies.Message](o), func(m *strategies.Message) { m.ID = alter(m.ID) }}
		},
	}
}

// A word that names a producer which exists and a place which does not fails the
// trial as any wrong delivery does, wherever the place is: also where a time of
// sending would be looked up.
func TestCorruptedWords(t *testing.T) {
	for name, alter := range map[string]func(strategies.Word) strategies.Word{
		"timed": func(w strategies.Word) strategies.Word {
			seq := uint64(1) << 32
			return strategies.NewWord(w.Producer(), seq+record.UntilSampled(w.Producer(), seq))
		},
		"not timed": func(w strategies.Word) strategies.Word {
			seq := uint64(1) << 32
			return strategies.NewWord(w.Producer(), seq+record.UntilSampled(w.Producer(), seq)+1)
		},
		"the last": func(w strategies.Word) strategies.Word { return strategies.NewWord(w.Producer(), strategies.MaxSeq) },
		// Not a timed one: its producer may be noting the time, which the detector
		// would rightly call a race. No queue that keeps its promises can cause it.
		"one ahead": func(w strategies.Word) strategies.Word {
			if record.Sampled(w.Producer(), w.Seq()+1) {
				return w
			}
			return w + 1
		},
		"one behind": func(w strategies.Word) strategies.Word { return w - 1 },
		"nobody's":   func(w strategies.Word) strategies.Word { return ^w },
	} {
		// From the middle of a round, so that what comes before is in order.
		s := corrupt(func(w strategies.Word) strategies.Word {
			if w.Seq() < 50 {
				return w
			}
			return alter(w)
		})
		for load, change := range map[string]func(*results.Cell){
			"words":      func(*results.Cell) {},
			"one by one": func(c *results.Cell) { c.RecvBatch = 1 },
			"messages":   func(c *results.Cell) { c.Payload = 100 },
			"open loop": func(c *results.Cell) {
				c.Arrival, c.Rate, c.Messages, c.DurationNs = results.ArrivalConstant, 1e5, 0, 20e6
			},
		} {
			t.Run(name+"/"+load, func(t *testing.T) {
				cell := harnesstest.Cell(s, 4)
				change(&cell)
				reply := Run(s, Spec{Cell: cell})
				if f := reply.Failure; f == nil || f.Kind != results.FailureDelivery || !strings.Contains(f.Detail, "producer ") {
					t.Errorf("reply %+v, failure %+v; want a delivery violation", reply, f)
				}
			})
		}
	}
}

// Words that nobody sent may also come in sequence, after all that were sent.
func TestWordsBeyondTheLast(t *testing.T) {
	quotas := []uint64{1000}
	c := newConsuming(quotas)
	var received []strategies.Word
	for seq := range quotas[0] + 2*record.SampleStep {
		received = append(received, strategies.NewWord(0, seq))
	}
	c.words.consume(received, c.check, c.rec)
	if err := c.check.Conserve(sentAll(quotas)); err == nil || !strings.Contains(err.Error(), "producer 0: received item") {
		t.Errorf("error %v; want one of an item that nobody sent", err)
	}
}
