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
// as far as the harness needs: sends never wait or fail, and are seen late.
func newNull[T any](invent func(buf []T, producer int, seq uint64)) Constructor[T] {
	return func(Options) FanIn[T] {
		f := &null[T]{parker: newParker(), invent: invent}
		f.consumer = consumer[T]{source: f, life: &f.lifecycle, sleeper: &f.parker}
		f.all.Store(new([]*nullProducer[T]))
		return f
	}
}

type null[T any] struct {
	lifecycle
	mu       sync.Mutex // guards appends to all
	all      atomic.Pointer[[]*nullProducer[T]]
	consumer consumer[T]
	cursor   int
	invent   func(buf []T, producer int, seq uint64)
	_        [padding]byte
	parker   parker
}

func (f *null[T]) Producer() Producer[T] {
	p := &nullProducer[T]{f: f, closed: !f.join()}
	p.neverWaits.sender = p
	f.mu.Lock()
	defer f.mu.Unlock()
	all := append(*f.all.Load(), p)
	f.all.Store(&all)
	return p
}

func (f *null[T]) Consumer() Consumer[T] { return &f.consumer }

func (f *null[T]) Backlog() int {
	sum := int64(0)
	for _, p := range *f.all.Load() {
		sum += int64(p.counted.Load() - p.made.Load())
	}
	return int(sum)
}

func (f *null[T]) poll(buf []T) int {
	all := *f.all.Load()
	n := 0
	for range all {
		p := all[f.cursor]
		made := p.made.Load()
		k := int(min(p.counted.Load()-made, uint64(len(buf)-n)))
		if k > 0 {
			f.invent(buf[n:n+k], f.cursor, made)
			p.made.Store(made + uint64(k))
		}
		if n += k; n == len(buf) {
			return n
		}
		if f.cursor++; f.cursor == len(all) {
			f.cursor = 0
		}
	}
	return n
}

func (f *null[T]) oversized() bool { return false }

func (f *null[T]) trim() {}

func (f *null[T]) finish() bool { return f.Backlog() == 0 }

func (f *null[T]) discard() {}

type nullProducer[T any] struct {
	neverWaits[T]
	f       *null[T]
	closed  bool
	sent    uint64
	_       [padding]byte
	counted atomic.Uint64 // sent, as the consumer sees it
	_       [padding]byte
	made    atomic.Uint64 // written by the consumer
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
	p.counted.Store(p.sent)
	p.f.parker.wake()
}

func (p *nullProducer[T]) Dropped() uint64 { return 0 }

func (p *nullProducer[T]) Close() {
	if p.closed {
		return
	}
	p.closed = true
	p.count()
	if p.f.leave() {
		p.f.parker.wake()
	}
}
