package trial

import (
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/trial/inspect"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/sizes"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// mixedCell is a short cell of mixed sizes.
func mixedCell(t *testing.T, s strategies.Strategy, mix string) results.Cell {
	t.Helper()
	m, err := sizes.Parse(mix)
	if err != nil {
		t.Fatal(err)
	}
	cell := harnesstest.Cell(s, 4)
	cell.PayloadMix, cell.Payload, cell.Messages, cell.RecvBatch = m.String(), m.Mean(), 400, 16
	return cell
}

// bytesBounded lists the strategies with a bound in bytes.
func bytesBounded(t *testing.T) []strategies.Strategy {
	t.Helper()
	var all []strategies.Strategy
	for _, s := range strategies.All() {
		if s.Weighed != nil {
			all = append(all, s)
		}
	}
	if len(all) != 3 {
		t.Fatalf("%d strategies have a bound in bytes; want mutex-cond, mpsc-ring and lanes-ring", len(all))
	}
	return all
}

// Items of every size arrive as they were sent, which a round checks byte by byte: under a
// bound in bytes and without, sent in each way.
func TestMixedSizes(t *testing.T) {
	for name, change := range map[string]func(*results.Cell){
		"closed":                func(*results.Cell) {},
		"batches":               func(c *results.Cell) { c.SendBatch = 8 },
		"one at a time, shared": func(c *results.Cell) { c.Sharing, c.RecvBatch = results.SharingShared, 1 },
		"dropped":               func(c *results.Cell) { c.Policy, c.SendBatch = "drop-newest", 4 },
		"rejected":              func(c *results.Cell) { c.Policy = "fail" },
		"open loop": func(c *results.Cell) {
			c.Arrival, c.Rate, c.Messages, c.DurationNs = results.ArrivalPoisson, 1e4, 0, int64(20*time.Millisecond)
		},
	} {
		for _, s := range bytesBounded(t) {
			for _, bytes := range []int{0, 4096} {
				if name != "closed" && (s.Bound != strategies.PerProducer || bytes == 0) {
					continue // what is sent, and how, is the same
				}
				cell := mixedCell(t, s, "bimodal:3/8KiB/0.1")
				cell.CapacityBytes = bytes
				change(&cell)
				if f := Run(s, Spec{Cell: cell}).Failure; f != nil {
					t.Errorf("%s, %s, %d bytes: %+v", s.Name, name, bytes, f)
				}
			}
		}
	}
}

// Full, a queue with a bound in items holds many times the memory of one with a bound in
// bytes, which stays where that is, in total also with a bound per producer.
func TestMixedSizesHeld(t *testing.T) {
	const bound = 1 << 20
	for _, s := range bytesBounded(t) {
		var held [2]int64
		for i, bytes := range []int{0, bound} {
			cell := mixedCell(t, s, "bimodal:64/256KiB/0.2")
			cell.Capacity, cell.CapacityOf, cell.Policy, cell.CapacityBytes = 512, results.CapacityInTotal, "fail", bytes
			held[i] = weightOfFull(t, s, cell)
		}
		if held[1] > 2*bound || held[0] < 8*held[1] {
			t.Errorf("%s: %d bytes are held with a bound in items, and %d with one of %d bytes; want at least 8 times as many, and at most twice the bound",
				s.Name, held[0], held[1], bound)
		}
	}
}

// weightOfFull returns by how much the heap grows when a fan-in of a cell is filled.
func weightOfFull(t *testing.T, s strategies.Strategy, cell results.Cell) int64 {
	t.Helper()
	construct, err := messageConstructor(s, cell)
	if err != nil {
		t.Fatal(err)
	}
	o, err := Options(cell, s.Descriptor)
	if err != nil {
		t.Fatal(err)
	}
	m := newMessages(nil, cell, nil, false)
	before := inspect.LiveHeap()
	f := construct(o)
	for id := range cell.Producers {
		p := f.Producer()
		w := m.writer(p, id)
		for seq := range uint64(2 * cell.Capacity) {
			_ = p.Send(w.message(seq, 0)) // or it is full: a smaller one may still fit
		}
	}
	held := inspect.LiveHeap() - before
	f.Consumer().Close()
	return held
}

// A byte of a payload that is not as it was sent fails the trial, however small it is.
func TestCorruptedMix(t *testing.T) {
	for _, mix := range []string{"bimodal:1/4KiB/0.5", "bimodal:7/4KiB/0.5", "bimodal:64/4KiB/0.5"} {
		s, err := pick.Find(strategies.All(), "mutex-cond")
		if err != nil {
			t.Fatal(err)
		}
		cell := mixedCell(t, s, mix)
		m := newMessages(nil, cell, nil, false)
		for seq := range uint64(50) {
			w := m.writer(nil, 3)
			message := w.message(seq, 0)
			if !m.isIntact(&message) {
				t.Errorf("%s: item %d is said to be corrupted", mix, seq)
			}
			for _, at := range []int{0, len(message.Payload) - 1} {
				message.Payload[at] ^= 1
				if m.isIntact(&message) {
					t.Errorf("%s: byte %d of item %d changed, and nobody sees it", mix, at, seq)
				}
				message.Payload[at] ^= 1
			}
			message.Payload = append(message.Payload, 0)
			if m.isIntact(&message) {
				t.Errorf("%s: item %d is a byte longer, and nobody sees it", mix, seq)
			}
		}
	}
}

// What has no bound in bytes says so.
func TestBytesLacking(t *testing.T) {
	for want, change := range map[string]func(*strategies.Strategy, *results.Cell){
		"capacity-bytes: strategy \"mutex-cond\" has no bound in bytes": func(s *strategies.Strategy, _ *results.Cell) { s.Weighed = nil },
		"capacity-bytes: items that hold their payload have one size":   func(_ *strategies.Strategy, c *results.Cell) { c.Item, c.Payload = results.ItemValue, 64 },
		"capacity-bytes: bound by weight: does not offer policy \"drop": func(_ *strategies.Strategy, c *results.Cell) { c.Policy = "drop-oldest" },
	} {
		s, err := pick.Find(strategies.All(), "mutex-cond")
		if err != nil {
			t.Fatal(err)
		}
		cell := harnesstest.Cell(s, 4)
		cell.Payload, cell.CapacityBytes = 64, 4096
		change(&s, &cell)
		if err := Carries(s, cell); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v; want %q", err, want)
		}
	}
}
