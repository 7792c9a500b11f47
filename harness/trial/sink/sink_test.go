package sink

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

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
		{Payload: results.MinPayload},
		{Payload: 20},
		{Payload: results.MinPayload, SinkFrame: results.FrameByte},
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

// A sink that loses something tells it as a wrong delivery.
func TestSinkLoses(t *testing.T) {
	s, err := Open(results.Cell{Sink: results.SinkFile, SinkWrite: results.WriteMessage, Payload: results.MinPayload})
	if err != nil {
		t.Fatal(err)
	}
	s.out = &losing{appender: s.out.(appender)}
	for seq := range uint64(5) {
		if err := s.Item(strategies.NewWord(0, seq), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Finish(); err == nil || !strings.Contains(err.Error(), "received 4 items; 5 were written") {
		t.Errorf("error %v; want one that tells 4 of 5", err)
	}
}
