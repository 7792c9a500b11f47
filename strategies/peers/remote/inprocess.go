package main

import (
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/program"
	"github.com/fanin-bench/fanin-bench/strategies"
)

const (
	defaultCapacity = strategies.DefaultCapacity
	slabBytes       = results.SlabBytes
)

// inProcess lists the references.
func inProcess() []program.Strategy {
	about := func(name, doc string, bound strategies.Bound, wait string) results.Strategy {
		return results.Strategy{
			Name: name, Doc: doc, Order: strategies.OrderPerProducer.String(), Bound: bound.String(), Wait: wait,
			Policies: []string{strategies.Block.String()}, Delivery: results.DeliveryAtMostOnce,
		}
	}
	return []program.Strategy{
		{
			Strategy: about("bytes-chan", "a Go channel of byte slices, within the process", strategies.Total, "parks at once"),
			Open: func(s program.Setup) (program.Queue, error) {
				return &channel{make(chan []byte, capacityOf(s)), s.RecvBatch}, nil
			},
		},
		{
			Strategy: about("bytes-lanes-ring", "the strategy lanes-ring of byte slices, within the process", strategies.PerProducer, "parks at once"),
			Open: func(s program.Setup) (program.Queue, error) {
				f := strategies.NewLanesRing[[]byte](strategies.Options{Capacity: capacityOf(s)})
				return &fanIn{f, f.Consumer(), make([][]byte, s.RecvBatch)}, nil
			},
		},
		{
			Strategy: about("bytes-ring", "a ring of bytes per producer in ordinary memory", strategies.PerProducer, "polls briefly, then parks"),
			Open:     func(s program.Setup) (program.Queue, error) { return newLocalRings(s), nil },
		},
	}
}

func capacityOf(s program.Setup) int {
	if s.Capacity > 0 {
		return s.Capacity
	}
	return defaultCapacity
}

// slab is where a producer gets memory for copies of messages: many from one allocation,
// as in the trials of fanin-bench itself.
type slab struct{ rest []byte }

func (s *slab) copyOf(message []byte) []byte {
	if len(s.rest) < len(message) {
		s.rest = make([]byte, max(slabBytes, len(message)))
	}
	c := s.rest[:len(message):len(message)]
	s.rest = s.rest[len(message):]
	copy(c, message)
	return c
}

// channel is a Go channel of byte slices.
type channel struct {
	messages chan []byte
	batch    int
}

func (c *channel) Recv(visit func([]byte)) (int, error) {
	visit(<-c.messages)
	for n := 1; n < c.batch; n++ {
		select {
		case message := <-c.messages:
			visit(message)
		default:
			return n, nil
		}
	}
	return c.batch, nil
}

func (c *channel) Close() error { return nil }

func (c *channel) Sender(int) (program.Sender, error) { //nolint:unparam // the interface has it
	return &chanSender{to: c.messages}, nil
}

type chanSender struct {
	to   chan<- []byte
	slab slab
}

func (s *chanSender) Send(message []byte) error {
	s.to <- s.slab.copyOf(message)
	return nil
}

// fanIn is a strategy of byte slices.
type fanIn struct {
	all      strategies.FanIn[[]byte]
	consumer strategies.Consumer[[]byte]
	received [][]byte
}

func (f *fanIn) Recv(visit func([]byte)) (int, error) {
	n, err := f.consumer.Recv(f.received)
	for i, message := range f.received[:n] {
		visit(message)
		f.received[i] = nil
	}
	return n, err
}

func (f *fanIn) Close() error {
	f.consumer.Close()
	return nil
}

func (f *fanIn) Sender(int) (program.Sender, error) { //nolint:unparam // the interface has it
	return &fanInSender{to: f.all.Producer()}, nil
}

type fanInSender struct {
	to   strategies.Producer[[]byte]
	slab slab
}

func (s *fanInSender) Send(message []byte) error { return s.to.Send(s.slab.copyOf(message)) }

// localBell wakes a goroutine of this process.
type localBell chan struct{}

func (b localBell) wait() { <-b }

func (b localBell) ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}

func newLocalRings(s program.Setup) *rings {
	shape := shapeOf(s)
	r := &rings{consumer: &consumerWords{}, bell: make(localBell, 1), batch: s.RecvBatch}
	for range s.Producers {
		r.lanes = append(r.lanes, &lane{words: &laneWords{}, data: make([]byte, shape.dataBytes()), shape: shape, bell: make(localBell, 1)})
	}
	return r
}
