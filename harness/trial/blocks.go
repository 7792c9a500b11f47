package trial

import (
	"context"
	"slices"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// block is a pointer to an item that carries the payload of a message in itself.
type block[T any] interface {
	*T
	Parts() (*strategies.Head, []byte)
}

// byValue is a way to carry messages with so many bytes of payload by value.
type byValue struct {
	bytes     int
	construct strategies.Constructor[strategies.Message] // nil: the strategy does not offer it
}

// blocksOf lists a strategy's ways, one for each type of block.
func blocksOf(s strategies.Strategy, c results.Cell) []byValue {
	b, d := s.Blocks, s.Descriptor
	return []byValue{carry(b.Block64, c, d), carry(b.Block1K, c, d), carry(b.Block16K, c, d), carry(b.Block64K, c, d)}
}

// ValueSizes lists how many bytes of payload can be carried by value.
func ValueSizes() []int {
	sizes := []int{results.MinPayload}
	for _, way := range blocksOf(strategies.Strategy{}, results.Cell{}) {
		sizes = append(sizes, way.bytes)
	}
	return sizes
}

// sharedAs returns the constructor of fan-ins that a cell's producers use as it says.
func sharedAs[T any](construct strategies.Constructor[T], c results.Cell, d strategies.Descriptor) strategies.Constructor[T] {
	if construct == nil {
		return nil
	}
	return collect(shareOut(construct, c, d), c)
}

// carry makes a constructor of fan-ins of blocks one of messages.
func carry[T any, B block[T]](construct strategies.Constructor[T], c results.Cell, d strategies.Descriptor) byValue {
	_, payload := B(new(T)).Parts()
	if construct == nil {
		return byValue{bytes: len(payload)}
	}
	construct = sharedAs(construct, c, d)
	return byValue{len(payload), func(o strategies.Options) strategies.FanIn[strategies.Message] {
		f := construct(o)
		return &carrier[T, B]{f, &carrierConsumer[T, B]{Consumer: f.Consumer()}}
	}}
}

// inBlocks reports whether a cell's items are blocks. The bare word is by value
// anyway.
func inBlocks(c results.Cell) bool {
	return c.Item == results.ItemValue && c.Payload != results.MinPayload
}

// messageConstructor returns what builds a cell's fan-ins of messages. The error
// is a FieldError. The harness floor carries nothing, by value or not.
func messageConstructor(s strategies.Strategy, c results.Cell) (strategies.Constructor[strategies.Message], error) {
	if c.CapacityBytes > 0 && !s.Floor {
		construct, err := weighted(s, c)
		return sharedAs(construct, c, s.Descriptor), err
	}
	if !inBlocks(c) || s.Floor {
		return sharedAs(s.Message, c, s.Descriptor), nil
	}
	ways := slices.DeleteFunc(blocksOf(s, c), func(way byValue) bool { return way.construct == nil })
	if i := slices.IndexFunc(ways, func(way byValue) bool { return way.bytes == c.Payload }); i >= 0 {
		return ways[i].construct, nil
	}
	if len(ways) == 0 {
		return nil, results.FieldErrorf("item", "strategy %q carries no payload by value", s.Name)
	}
	return nil, results.FieldErrorf("item", "strategy %q does not carry %d bytes of payload by value: at most %d",
		s.Name, c.Payload, ways[len(ways)-1].bytes)
}

// weighted returns what builds a strategy's fan-ins of messages with the bound in bytes of a
// cell. The error is a FieldError.
func weighted(s strategies.Strategy, c results.Cell) (strategies.Constructor[strategies.Message], error) {
	weight := strategies.Weight[strategies.Message]{
		Of:       func(m strategies.Message) int { return len(m.Payload) },
		Capacity: c.CapacityBytes,
	}
	if s.Bound == strategies.PerProducer {
		weight.PerProducer = true
		weight.Capacity = max(1, weight.Capacity/roomsOf(c))
	}
	if s.Weighed == nil {
		return nil, results.FieldErrorf("capacity-bytes", "strategy %q has no bound in bytes", s.Name)
	}
	if inBlocks(c) {
		return nil, results.FieldErrorf("capacity-bytes", "items that hold their payload have one size: --capacity bounds them")
	}
	o, err := Options(c, s.Descriptor)
	if err != nil {
		return nil, err
	}
	if err := weight.Validate(o); err != nil {
		return nil, &results.FieldError{Field: "capacity-bytes", Err: err}
	}
	return func(o strategies.Options) strategies.FanIn[strategies.Message] {
		return strategies.NewWeighted(s.Weighed, o, weight)
	}, nil
}

// Carries reports why a strategy cannot carry the messages of a cell, nil if it can.
func Carries(s strategies.Strategy, c results.Cell) error {
	_, err := messageConstructor(s, c)
	return err
}

// carrier is a fan-in of blocks as one of messages, so that what drives messages
// drives blocks. A producer's messages are written into its own blocks (see
// payloads), which sends copy; those received lie in the blocks received.
type carrier[T any, B block[T]] struct {
	strategies.FanIn[T]
	consumer *carrierConsumer[T, B]
}

// carried is what is carried by something else: see as.
type carried interface{ inner() any }

func (f *carrier[T, B]) inner() any { return f.FanIn }

// as returns what a fan-in, a producer or a consumer is besides, whatever it carries.
func as[I any](v any) (I, bool) {
	for {
		if besides, ok := v.(I); ok {
			return besides, true
		}
		c, ok := v.(carried)
		if !ok {
			var none I
			return none, false
		}
		v = c.inner()
	}
}

func (f *carrier[T, B]) Producer() strategies.Producer[strategies.Message] {
	return &carrierProducer[T, B]{Producer: f.FanIn.Producer()}
}

func (f *carrier[T, B]) Consumer() strategies.Consumer[strategies.Message] { return f.consumer }

type carrierProducer[T any, B block[T]] struct {
	strategies.Producer[T]
	blocks []T // as many as the longest batch has
}

func (p *carrierProducer[T, B]) inner() any { return p.Producer }

// payloads returns where the payloads of the messages of a batch are best written:
// what lies elsewhere has to be copied once more.
func (p *carrierProducer[T, B]) payloads(batch int) [][]byte {
	p.grow(batch)
	places := make([][]byte, batch)
	for i := range places {
		_, places[i] = B(&p.blocks[i]).Parts()
	}
	return places
}

func (p *carrierProducer[T, B]) grow(batch int) {
	if len(p.blocks) < batch {
		p.blocks = make([]T, batch)
	}
}

// load puts messages into blocks.
func (p *carrierProducer[T, B]) load(messages ...strategies.Message) []T {
	p.grow(len(messages))
	for i := range messages {
		m := &messages[i]
		head, payload := B(&p.blocks[i]).Parts()
		*head = strategies.Head{ID: m.ID, Intended: m.Intended, Sent: m.Sent}
		if len(m.Payload) == 0 || &m.Payload[0] != &payload[0] {
			copy(payload, m.Payload)
		}
	}
	return p.blocks[:len(messages)]
}

func (p *carrierProducer[T, B]) Send(m strategies.Message) error {
	return p.Producer.Send(p.load(m)[0])
}

func (p *carrierProducer[T, B]) SendContext(ctx context.Context, m strategies.Message) error {
	return p.Producer.SendContext(ctx, p.load(m)[0])
}

func (p *carrierProducer[T, B]) TrySend(m strategies.Message) error {
	return p.Producer.TrySend(p.load(m)[0])
}

func (p *carrierProducer[T, B]) SendBatch(batch []strategies.Message) (int, error) {
	return p.Producer.SendBatch(p.load(batch...))
}

func (p *carrierProducer[T, B]) SendBatchContext(ctx context.Context, batch []strategies.Message) (int, error) {
	return p.Producer.SendBatchContext(ctx, p.load(batch...))
}

func (p *carrierProducer[T, B]) TrySendBatch(batch []strategies.Message) (int, error) {
	return p.Producer.TrySendBatch(p.load(batch...))
}

type carrierConsumer[T any, B block[T]] struct {
	strategies.Consumer[T]
	blocks []T // as many as the longest buffer takes
}

func (c *carrierConsumer[T, B]) inner() any { return c.Consumer }

// receive has recv fill blocks and points messages to them. They stay as they are
// until the next receive into the same part of a buffer: a [strategies.Batcher]
// receives into the rest of one, and keeps what it has.
func (c *carrierConsumer[T, B]) receive(buf []strategies.Message, recv func([]T) (int, error)) (int, error) {
	if len(c.blocks) < len(buf) {
		c.blocks = make([]T, len(buf))
	}
	blocks := c.blocks[len(c.blocks)-len(buf):]
	n, err := recv(blocks)
	for i := range n {
		head, payload := B(&blocks[i]).Parts()
		buf[i] = strategies.Message{ID: head.ID, Intended: head.Intended, Sent: head.Sent, Payload: payload}
	}
	return n, err
}

func (c *carrierConsumer[T, B]) Recv(buf []strategies.Message) (int, error) {
	return c.receive(buf, c.Consumer.Recv)
}

func (c *carrierConsumer[T, B]) RecvContext(ctx context.Context, buf []strategies.Message) (int, error) {
	return c.receive(buf, func(blocks []T) (int, error) { return c.Consumer.RecvContext(ctx, blocks) })
}

func (c *carrierConsumer[T, B]) TryRecv(buf []strategies.Message) (int, error) {
	return c.receive(buf, c.Consumer.TryRecv)
}
