package harness

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

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
				c.Messages, c.Arrival, c.Rate, c.DurationNs = 0, ArrivalBurst, 10_000, int64(50*time.Millisecond)
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

// frames returns the frames of a producer's first items.
func frames(f framing, count uint64) (list [][]byte, sum digest) {
	for seq := range count {
		id := strategies.NewWord(3, seq)
		list = append(list, f.append(nil, id, nil))
		sum.add(f.key(id))
	}
	return list, sum
}

// Whatever goes wrong on the way to the other end is seen there.
func TestSinkChecks(t *testing.T) {
	for _, cell := range []results.Cell{
		{Payload: MinPayload},
		{Payload: 20},
		{Payload: MinPayload, SinkFrame: results.FrameByte},
	} {
		f := framingOf(cell)
		for _, wrong := range []struct {
			name  string
			alter func(frames [][]byte) [][]byte
		}{
			{"lost", func(l [][]byte) [][]byte { return slices.Delete(l, 5, 6) }},
			{"doubled", func(l [][]byte) [][]byte { return slices.Insert(l, 5, l[5]) }},
			{"swapped", func(l [][]byte) [][]byte { l[5], l[6] = l[6], l[5]; return l }},
			{"last one lost", func(l [][]byte) [][]byte { return l[:len(l)-1] }},
			{"changed", func(l [][]byte) [][]byte { l[5][0] ^= 1; return l }},
			{"end changed", func(l [][]byte) [][]byte { l[5][f.bytes-1] ^= 1; return l }},
			{"nothing", func([][]byte) [][]byte { return nil }},
		} {
			list, want := frames(f, 600)
			stream := bytes.Join(wrong.alter(list), nil)
			if got, err := f.read(bytes.NewReader(stream)); err == nil && got == want {
				t.Errorf("%d-byte frames, %s: not noticed", f.bytes, wrong.name)
			}
		}
		list, want := frames(f, 600)
		if got, err := f.read(byByte{bytes.NewReader(bytes.Join(list, nil))}); err != nil || got != want {
			t.Errorf("%d-byte frames, read byte by byte: %v, error %v; want %v", f.bytes, got, err, want)
		}
	}
}

// byByte returns one byte at a time.
type byByte struct{ r *bytes.Reader }

func (o byByte) Read(p []byte) (int, error) { return o.r.Read(p[:min(1, len(p))]) }

// losing drops the third write.
type losing struct {
	appender
	writes int
}

func (l *losing) Write(p []byte) (int, error) {
	if l.writes++; l.writes == 3 {
		return len(p), nil
	}
	return l.appender.Write(p)
}

// A sink that loses something fails the trial, as does one that cannot be opened:
// the first as a wrong delivery, the second as what it is.
func TestSinkFails(t *testing.T) {
	s, err := openSink(results.Cell{Sink: results.SinkFile, SinkWrite: results.WriteMessage, Payload: MinPayload})
	if err != nil {
		t.Fatal(err)
	}
	s.out = &losing{appender: s.out.(appender)}
	for seq := range uint64(5) {
		if err := s.item(strategies.NewWord(0, seq), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.finish(); err == nil || !strings.Contains(err.Error(), "received 4 items; 5 were written") {
		t.Errorf("error %v; want one that tells 4 of 5", err)
	}
	t.Setenv("TMPDIR", "/nowhere/at/all")
	t.Setenv("TMP", `\\?\nowhere`)
	known, _ := Find(strategies.All(), "chan")
	cell := cellOf(known, 1)
	cell.Sink = results.SinkFile
	reply := RunTrial(known, Spec{Cell: cell})
	if reply.Failure == nil || reply.Failure.Kind != results.FailureError || !strings.Contains(reply.Failure.Detail, "opening the file sink") {
		t.Errorf("failure %+v; want an error of opening the sink", reply.Failure)
	}
}

// How to write concerns cells with a sink only.
func TestPlanSinks(t *testing.T) {
	plan, err := NewPlan(scenario(func(s *Scenario) {
		s.Strategies, s.Producers, s.Sink = Strings{"chan"}, Ints{1}, Strings{results.SinkDiscard, results.SinkTCP}
		s.SinkWrite, s.SinkFrame = results.SinkWrites(), Strings{results.FrameByte}
	}), strategies.All(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range plan.Cells {
		got = append(got, c.Sink+" "+c.SinkWrite+" "+c.SinkFrame)
	}
	if want := []string{"  ", "tcp message byte", "tcp batch byte"}; !slices.Equal(got, want) {
		t.Errorf("sinks %q; want %q", got, want)
	}
	_, err = NewPlan(scenario(func(s *Scenario) { s.Sink = Strings{"udp"} }), strategies.All(), 1)
	if err == nil || !strings.HasPrefix(err.Error(), `sink: unknown sink "udp" (`) {
		t.Errorf("error %v; want one of the sink", err)
	}
}
