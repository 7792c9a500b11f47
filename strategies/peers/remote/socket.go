package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"sync"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/program"
	"github.com/fanin-bench/fanin-bench/strategies"
)

const (
	headBytes   = 4        // of a message's length, before it
	blockBytes  = 64 << 10 // of a read, and of what waits for a write
	blocksAhead = 2        // that a connection reads before the consumer wants them
)

// sockets lists the fan-ins over sockets.
func sockets() []program.Strategy {
	var all []program.Strategy
	for _, network := range []struct{ name, about string }{{"unix", "a Unix socket"}, {"tcp", "TCP over the loopback"}} {
		for _, each := range []bool{false, true} {
			about := results.Strategy{
				Name: "remote-" + network.name, Doc: network.about + " per process; what is sent during a write goes with the next",
				Order: strategies.OrderPerProducer.String(), Bound: strategies.Total.String(), Wait: "parks in the poller",
				Policies: []string{strategies.Block.String()}, Delivery: results.DeliveryAtMostOnce,
				Lacks: map[string]string{string(strategies.PromiseBound): "sockets buffer bytes, as many as the system lets them"},
			}
			if each {
				about.Name += "-each"
				about.Doc = network.about + " per process; each message is a write"
				about.Survives = []string{results.RoleProducer} // the system has what was written
			}
			all = append(all, program.Strategy{
				Strategy: about,
				Open:     func(s program.Setup) (program.Queue, error) { return listen(network.name, s) },
				Join: func(s program.Setup, invited program.Invitation) (program.Producers, error) {
					return dial(network.name, each, s, invited)
				},
			})
		}
	}
	return all
}

// inlet is the consumer's end of all connections.
type inlet struct {
	listener net.Listener
	setup    program.Setup
	full     chan block
	rest     block
	failed   chan error
}

// block is whole messages, each after its length.
type block struct {
	messages []byte
	memory   []byte
	free     chan<- []byte // where the memory goes back to
}

func listen(network string, s program.Setup) (*inlet, error) {
	address := "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(s.Dir, "socket")
	}
	listener, err := net.Listen(network, address)
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	q := &inlet{listener: listener, setup: s, full: make(chan block, blocksAhead), failed: make(chan error, 1)}
	go q.accept()
	return q, nil
}

func (q *inlet) accept() {
	for {
		conn, err := q.listener.Accept()
		if err != nil {
			return // closed
		}
		go func() {
			if err := q.read(conn); err != nil {
				select {
				case q.failed <- err:
				default:
				}
			}
		}()
	}
}

// read hands over what a connection brings, in blocks of whole messages.
func (q *inlet) read(conn net.Conn) error {
	defer conn.Close() //nolint:errcheck // it was only read from
	size := max(blockBytes, 2*(headBytes+q.setup.Payload))
	free := make(chan []byte, blocksAhead+1)
	for range cap(free) {
		free <- make([]byte, size)
	}
	var part []byte // of a message, the beginning
	for {
		memory := <-free
		filled := copy(memory, part)
		whole := 0
		for whole == 0 {
			n, err := conn.Read(memory[filled:])
			filled += n
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("reading from a socket: %w", err)
			}
			if whole, err = q.wholeOf(memory[:filled]); err != nil {
				return err
			}
		}
		part = append(part[:0], memory[whole:filled]...)
		q.full <- block{memory[:whole], memory, free}
	}
}

// wholeOf returns how many bytes are whole messages.
func (q *inlet) wholeOf(read []byte) (int, error) {
	whole := 0
	for len(read)-whole >= headBytes {
		size := int(binary.LittleEndian.Uint32(read[whole:]))
		if size != q.setup.Payload {
			return 0, fmt.Errorf("a message of %d bytes announces itself, where all have %d", size, q.setup.Payload)
		}
		if len(read)-whole < headBytes+size {
			break
		}
		whole += headBytes + size
	}
	return whole, nil
}

// Recv hands over the messages of one block, or of what is left of it.
func (q *inlet) Recv(visit func([]byte)) (int, error) {
	if len(q.rest.messages) == 0 {
		select {
		case q.rest = <-q.full:
		case err := <-q.failed:
			return 0, err
		}
	}
	n := 0
	for ; n < q.setup.RecvBatch && len(q.rest.messages) > 0; n++ {
		end := headBytes + q.setup.Payload
		visit(q.rest.messages[headBytes:end])
		q.rest.messages = q.rest.messages[end:]
	}
	if len(q.rest.messages) == 0 {
		q.rest.free <- q.rest.memory
	}
	return n, nil
}

// Close ends the listener; connections end with their producers.
func (q *inlet) Close() error { return q.listener.Close() }

// Invite tells the address.
func (q *inlet) Invite() (program.Invitation, error) { //nolint:unparam // the interface has it
	return program.Invitation{Words: []string{q.listener.Addr().String()}}, nil
}

// outlet is the connection of a process of producers.
type outlet struct {
	conn net.Conn
	each bool

	mu      sync.Mutex // guards what follows
	filled  sync.Cond  // the flusher waits for something
	room    sync.Cond  // a producer waits for room
	waiting []byte
	err     error
}

func dial(network string, each bool, s program.Setup, invited program.Invitation) (*outlet, error) {
	if len(invited.Words) != 1 {
		return nil, fmt.Errorf("an invitation has an address, not %q", invited.Words)
	}
	conn, err := net.Dial(network, invited.Words[0])
	if err != nil {
		return nil, fmt.Errorf("joining: %w", err)
	}
	o := &outlet{conn: conn, each: each}
	o.filled.L, o.room.L = &o.mu, &o.mu
	if !each {
		go o.flush(make([]byte, 0, blockBytes+headBytes+s.Payload))
	}
	return o, nil
}

// Sender returns a sender, which shares the connection with all others.
func (o *outlet) Sender(int) (program.Sender, error) {
	if o.each {
		return &eachSender{outlet: o}, nil
	}
	return batchSender{o}, nil
}

// flush writes what waits, as much as there is.
func (o *outlet) flush(spare []byte) {
	for {
		o.mu.Lock()
		for len(o.waiting) == 0 {
			o.filled.Wait()
		}
		batch := o.waiting
		o.waiting = spare[:0]
		o.mu.Unlock()
		o.room.Broadcast()
		_, err := o.conn.Write(batch)
		spare = batch
		if err != nil {
			o.mu.Lock()
			o.err = err
			o.mu.Unlock()
			o.room.Broadcast()
			return
		}
	}
}

// batchSender leaves its messages to the flusher.
type batchSender struct{ outlet *outlet }

// Send appends a message to what waits for the next write. It waits while that is a block
// or more.
func (s batchSender) Send(message []byte) error {
	o := s.outlet
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.waiting) >= blockBytes && o.err == nil {
		o.room.Wait()
	}
	if o.err != nil {
		return o.err
	}
	if len(o.waiting) == 0 {
		o.filled.Signal()
	}
	o.waiting = binary.LittleEndian.AppendUint32(o.waiting, uint32(len(message)))
	o.waiting = append(o.waiting, message...)
	return nil
}

// eachSender writes each message by itself.
type eachSender struct {
	outlet *outlet
	framed []byte
}

// Send writes a message.
func (s *eachSender) Send(message []byte) error {
	s.framed = binary.LittleEndian.AppendUint32(s.framed[:0], uint32(len(message)))
	s.framed = append(s.framed, message...)
	s.outlet.mu.Lock()
	defer s.outlet.mu.Unlock()
	_, err := s.outlet.conn.Write(s.framed)
	return err
}
