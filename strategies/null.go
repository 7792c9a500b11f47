package strategies

import (
	"sync"
	"sync/atomic"
)

var nullDescriptor = Descriptor{
	Name:   "null",
	Doc:    "carries nothing: counts the sends and makes the items up at the other end (the harness floor)",
	Source: "this project",
	Order:  OrderPerProducer,
	Bound:  Unbounded,
	Wait:   "parks at once",
	Batch:  true,
	Floor:  true,
}

var nullStrategy = Strategy{
	Descriptor: nullDescriptor,
	Word: newNull(func(buf []Word, producer int, seq uint64) {
		for i := range buf {
			buf[i] = NewWord(producer, seq+uint64(i))
		}
	}),
	Message: newNull(func(buf []Message, producer int, seq uint64) {
		for i := range buf {
			buf[i] = Message{ID: NewWord(producer, seq+uint64(i))}
		}
	}),
}

// nullEvery is how many sends of a producer make one count visible: so many
// that waking the consumer, a microsecond or two, costs little beside the sends.
const nullEvery = 1024

// newNull returns the constructor of the harness floor. Its sends only count;
// its consumer has as many items as were counted invented, as the harness sends
// them: by the producers in the order they were opened, each numbered from 0.
// What remains is the cost of the harness itself, so it keeps the contract only
// as far as the harness needs: sends never wait or fail, and are seen late, and a
// producer is closed by the goroutine that sends.
func newNull[T any](invent func(buf []T, producer int, seq uint64)) Constructor[T] {
	return func(o Options) FanIn[T] {
		o.MustSuit(nullDescriptor)
		f := &null[T]{parker: newParker(), invent: invent}
		f.consumer = nullConsumer[T]{consumer[T]{source: f, life: &f.lifecycle, sleeper: &f.parker}, f}
		return f
	}
}

type null[T any] struct {
	dropsNothing[T]
	lifecycle
	consumer nullConsumer[T]
	invent   func(buf []T, producer int, seq uint64)

	// Used by the consumer alone: the producers whose items it makes up, and whose
	// turn it is.
	open   []*nullProducer[T]
	cursor int
	ready  []T // made up ahead of receives of one item, in room
	handed int // how many of ready were received
	ahead  int // items received one by one before, which made does not say yet
	room   [nullAhead]T

	mu     sync.Mutex // guards what follows
	opened int
	come   []*nullProducer[T] // opened since the consumer last looked

	_      [padding]byte
	parker parker

	_       [padding]byte
	news    atomic.Bool  // come is not empty
	counted atomic.Int64 // items of all producers, as the consumer sees them
	made    atomic.Int64
}

func (f *null[T]) Producer() Producer[T] {
	p := &nullProducer[T]{f: f, closed: !f.join()}
	p.neverWaits.sender = p
	f.mu.Lock()
	defer f.mu.Unlock()
	p.number = f.opened
	f.opened++
	if !p.closed && !f.left.Load() {
		f.come = append(f.come, p)
		f.news.Store(true)
	}
	return p
}

func (f *null[T]) Consumer() Consumer[T] { return &f.consumer }

func (f *null[T]) Backlog() int {
	for !f.left.Load() {
		made := f.made.Load()
		n := f.counted.Load() - made
		if f.made.Load() == made { // both are of one moment
			return int(n)
		}
	}
	return 0
}

// Stats implements StatsKeeper.
func (f *null[T]) Stats() Stats {
	s := f.withWaits(f.stats(f.Backlog()))
	s.Counted, s.Delivered, s.WaitingKnown = true, uint64(f.made.Load()), true
	s.Accepted = uint64(f.counted.Load())
	return s
}

func (f *null[T]) poll(buf []T) int {
	if f.news.Load() {
		f.admit()
	}
	f.ahead += f.handed
	n := copy(buf, f.ready[f.handed:])
	f.ready, f.handed = f.ready[f.handed+n:], 0
	for range f.open {
		if f.cursor >= len(f.open) {
			f.cursor = 0
		}
		p := f.open[f.cursor]
		closed := p.gone.Load() // before counted: nothing is counted after it
		p.known = p.counted.Load()
		k := int(min(p.known-p.made, uint64(len(buf)-n)))
		f.invent(buf[n:n+k], p.number, p.made)
		p.made += uint64(k)
		if n += k; n == len(buf) {
			break
		}
		if !closed {
			f.cursor++
			continue
		}
		last := len(f.open) - 1
		f.open[f.cursor], f.open[last] = f.open[last], nil
		f.open = f.open[:last]
	}
	if made := n + f.ahead; made > 0 {
		f.made.Add(int64(made))
		f.ahead = 0
	}
	return n
}

// nullAhead is how many items are made up at once for receives of one item.
const nullAhead = 64

// makeAhead makes items up that the producer whose turn it is is known to have sent, and
// reports false if there are none. The backlog falls behind by what the producer made
// visible at once, which keeps the floor of a receive of one item below what a lane's
// takes.
func (f *null[T]) makeAhead() bool {
	if f.cursor >= len(f.open) || f.left.Load() {
		return false
	}
	f.ahead += f.handed
	f.handed = 0
	p := f.open[f.cursor]
	f.ready = f.room[:min(p.known-p.made, nullAhead)]
	f.invent(f.ready, p.number, p.made)
	p.made += uint64(len(f.ready))
	return len(f.ready) > 0
}

// nullConsumer is consumer with a short way for a buffer of one item.
type nullConsumer[T any] struct {
	consumer[T]
	f *null[T]
}

func (c *nullConsumer[T]) Recv(buf []T) (int, error) {
	f := c.f
	if len(buf) == 1 && (f.handed < len(f.ready) || f.makeAhead()) {
		buf[0] = f.ready[f.handed]
		f.handed++
		return 1, nil
	}
	return c.consumer.Recv(buf)
}

// admit takes the producers that have come.
func (f *null[T]) admit() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.news.Store(false)
	f.open = append(f.open, f.come...)
	f.come = nil
}

func (f *null[T]) finish() bool { return f.Backlog() == 0 }

// halt ends the fan-in; sends go on to be counted, as nothing checks for that.
func (f *null[T]) halt() { f.stop() }

// discard has nothing to throw away.
func (f *null[T]) discard() {}

type nullProducer[T any] struct {
	neverWaits[T]
	f       *null[T]
	number  int
	closed  bool
	sent    uint64
	_       [padding]byte
	counted atomic.Uint64 // sent, as the consumer sees it
	gone    atomic.Bool   // closed, as the consumer sees it
	_       [padding]byte
	made    uint64 // the consumer's, as
	known   uint64 // counted, when it looked last
	_       [padding]byte
}

func (p *nullProducer[T]) Send(T) error {
	if p.sent++; p.sent%nullEvery == 0 {
		p.count()
	}
	return nil
}

func (p *nullProducer[T]) SendBatch(items []T) (int, error) {
	p.sent += uint64(len(items))
	if p.sent-p.counted.Load() >= nullEvery {
		p.count()
	}
	return len(items), nil
}

func (p *nullProducer[T]) count() {
	p.f.counted.Add(int64(p.sent - p.counted.Load())) // first: the backlog is never below 0
	p.counted.Store(p.sent)
	p.f.parker.wake()
}

// Publish makes the sends so far visible: who sends no more for a while has to, unless
// it closes.
func (p *nullProducer[T]) Publish() {
	if !p.closed {
		p.count()
	}
}

func (p *nullProducer[T]) Dropped() uint64 { return 0 }

func (p *nullProducer[T]) Close() {
	if p.closed {
		return
	}
	p.closed = true
	p.count()
	p.gone.Store(true)
	if p.f.leave() {
		p.f.parker.wake()
	}
}
