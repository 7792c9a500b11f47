package trial

import (
	"sync/atomic"

	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// sharedFanIn is a fan-in whose producers have no handle for life: they send through one
// Sender, or each opens a handle for every few items. Something stays open until the last
// of them has closed, or the fan-in would end when nobody has a handle just then.
type sharedFanIn[T any] struct {
	strategies.FanIn[T]
	sender strategies.Sender[T] // nil: handles
	keeper interface{ Close() } // the Sender, or a handle that sends nothing
	items  uint64               // for which a handle is open
	users  atomic.Int64         // producers that have not closed
	opened int
	order  bool // what a producer sends arrives in the order sent
}

// shared is what a fan-in is whose producers share it in another way than by a handle each.
type shared interface {
	// expect tells the books which deliveries to expect.
	expect(check *record.Ledger, until []uint64)
	// rooms returns how many of so many producers have room of their own where that is
	// bounded by producer.
	rooms(producers int) int
}

// shareOut returns a constructor of the fan-ins that a cell's producers share as it says.
// The harness floor has no use for it: it makes items up by handle.
func shareOut[T any](construct strategies.Constructor[T], c results.Cell, d strategies.Descriptor) strategies.Constructor[T] {
	if c.KeepsHandles() || d.Floor {
		return construct
	}
	return func(o strategies.Options) strategies.FanIn[T] {
		f := &sharedFanIn[T]{FanIn: construct(o), items: uint64(c.Lifetime), order: InOrder(d, c)}
		if c.Sharing == results.SharingShared {
			f.sender = strategies.NewSender(f.FanIn)
			f.keeper = f.sender
		} else {
			f.keeper = f.FanIn.Producer()
		}
		return f
	}
}

func (f *sharedFanIn[T]) inner() any { return f.FanIn }

// expect says that order is not kept, and that nobody knows which producer's items a
// Sender has dropped.
func (f *sharedFanIn[T]) expect(check *record.Ledger, until []uint64) {
	if !f.order {
		check.AnyOrder(until)
	}
	check.Together = f.sender != nil
}

// rooms: a Sender of the strategy's own counts as one producer, any other opens as many as
// send at a time. A handle that has closed leaves its items, and the next has its own room.
func (f *sharedFanIn[T]) rooms(producers int) int {
	_, own := f.FanIn.(strategies.SenderOpener[T])
	switch {
	case f.sender == nil:
		return record.NoLimit
	case own:
		return 1
	default:
		return producers
	}
}

// Producer returns what a producer sends through. All are opened before the first closes.
func (f *sharedFanIn[T]) Producer() strategies.Producer[T] {
	f.users.Add(1)
	f.opened++
	if f.sender != nil {
		return &senderUser[T]{sender: f.sender, f: f, first: f.opened == 1}
	}
	return &successor[T]{f: f, left: f.items}
}

// leave says that a producer has closed.
func (f *sharedFanIn[T]) leave() {
	if f.users.Add(-1) == 0 {
		f.keeper.Close()
	}
}

// senderUser is a producer among those that send through one Sender. It has the methods
// that rounds call: a cell whose producers share a Sender has no batches.
type senderUser[T any] struct {
	strategies.Producer[T] // nil
	sender                 strategies.Sender[T]
	f                      *sharedFanIn[T]
	first                  bool
}

func (p *senderUser[T]) Send(item T) error { return p.sender.Send(item) }

// Dropped returns what was dropped of all for the first, and nothing for the others: a
// Sender does not tell whose it was.
func (p *senderUser[T]) Dropped() uint64 {
	if p.first {
		return p.sender.Dropped()
	}
	return 0
}

func (p *senderUser[T]) Close() { p.f.leave() }

// successor is a producer that opens a handle for every few items, and closes it after
// them. It has the methods that rounds call.
type successor[T any] struct {
	strategies.Producer[T] // the handle; nil before its first item
	f                      *sharedFanIn[T]
	left                   uint64 // items that the handle is still open for
	dropped                uint64 // by those before
}

func (p *successor[T]) Send(item T) error {
	err := p.handle().Send(item)
	p.used(1)
	return err
}

// SendBatch sends a batch in parts that each have one handle.
func (p *successor[T]) SendBatch(items []T) (sent int, err error) {
	for err == nil && len(items) > 0 {
		part := items[:min(p.left, uint64(len(items)))]
		items = items[len(part):]
		var n int
		n, err = p.handle().SendBatch(part)
		sent += n
		p.used(uint64(len(part)))
	}
	return sent, err
}

func (p *successor[T]) handle() strategies.Producer[T] {
	if p.Producer == nil {
		p.Producer = p.f.FanIn.Producer()
	}
	return p.Producer
}

// used says that so many items were sent, or could not be.
func (p *successor[T]) used(items uint64) {
	if p.left -= items; p.left == 0 {
		p.end()
	}
}

// end closes the handle, if there is one.
func (p *successor[T]) end() {
	if p.Producer != nil {
		p.Producer.Close()
		p.dropped += p.Producer.Dropped()
		p.Producer = nil
	}
	p.left = p.f.items
}

func (p *successor[T]) Dropped() uint64 { return p.dropped }

func (p *successor[T]) Close() {
	p.end()
	p.f.leave()
}

// Sharable reports why a strategy cannot have producers that share it, or send, as a cell
// says; nil if it can. The error is a FieldError.
func Sharable(s strategies.Strategy, c results.Cell) error {
	foreign := s.Word == nil && s.Message == nil
	switch {
	case c.SendBy == results.SendByWriter && c.Policy != "" && c.Policy != strategies.Block.String() && !s.Floor:
		return results.FieldErrorf("send-by", "strategy %q under policy %q rejects or drops items that a Writer has taken", s.Name, c.Policy)
	case foreign && (c.SendBy == results.SendByWriter || c.RecvBy != ""):
		return results.FieldErrorf("send-by", "strategy %q is another program's, which has no Writer, no Reader and no Ready", s.Name)
	case c.RecvBy == results.RecvByReady && !tellsReady(s):
		return results.FieldErrorf("recv-by", "the consumer of strategy %q has no Ready", s.Name)
	case c.KeepsHandles() || s.Floor:
		return nil
	case foreign:
		return results.FieldErrorf("sharing", "strategy %q is another program's, whose producers have a handle each for their life", s.Name)
	case c.Sharing != results.SharingShared && c.Policy == strategies.DropOldest.String():
		return results.FieldErrorf("sharing", "strategy %q may drop an item whose handle has closed, and nobody counts that", s.Name)
	}
	return nil
}

// tellsReady reports whether a strategy's consumer is a Readier.
func tellsReady(s strategies.Strategy) bool {
	c := s.Word(strategies.Options{Policy: s.DefaultPolicy()}).Consumer()
	defer c.Close()
	_, tells := c.(strategies.Readier)
	return tells
}

// InOrder reports whether what each producer of a cell sends arrives in the order sent.
func InOrder(d strategies.Descriptor, c results.Cell) bool {
	switch {
	case c.KeepsHandles() || d.Floor:
		return true
	case c.Sharing == results.SharingShared:
		return d.SenderOrder() != strategies.OrderNone
	default: // one handle after the other
		return d.Order == strategies.OrderGlobal
	}
}

// lives is for how many messages the goroutine of a producer lives. The zero value is for
// all.
type lives uint64

func livesOf(c results.Cell) lives {
	if c.Sharing == results.SharingOpen {
		return 0
	}
	return lives(c.Lifetime)
}

// each has messages sent by goroutines that each live for so many, one after the other:
// the last thing that one does is to start the next.
func (l lives) each(send func(from, to uint64) error) func(from, to uint64) error {
	if l == 0 {
		return send
	}
	return func(from, to uint64) error {
		if from == to {
			return nil
		}
		c := &generation{send: send, items: uint64(l), next: from, to: to, ended: make(chan error, 1)}
		go c.live()
		return <-c.ended
	}
}

// piece returns how many messages belong together that are sent by a call, or a
// goroutine.
func (l lives) piece(batch int) int { return max(batch, int(min(l, mostPiece))) }

// mostPiece is up to how long a life has to be over before anybody looks at the time.
const mostPiece = 1 << 16

// generation is what the goroutines of a producer hand on.
type generation struct {
	send     func(from, to uint64) error
	items    uint64
	next, to uint64
	ended    chan error
}

// live sends as many messages as end the life that the next one belongs to.
func (g *generation) live() {
	from := g.next
	g.next = min(g.to, from-from%g.items+g.items)
	if err := g.send(from, g.next); err != nil || g.next == g.to {
		g.ended <- err
		return
	}
	go g.live()
}
