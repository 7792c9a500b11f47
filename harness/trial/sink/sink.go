package sink

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Sink is where the consumer writes what it received: one connection, or one
// file. It belongs to the consumer's goroutine; a round has one of its own.
type Sink struct {
	frames   framing
	perBatch bool
	out      io.WriteCloser
	sync     func() error // nil: nothing to sync
	// received returns what came out at the other end, once out is closed.
	received func() (digest, error)

	pending []byte // encoded and not written
	written digest
	results.Sink
}

// pendingBytes is when a batch is written before it is complete: a batch of large
// payloads must not be held twice.
const pendingBytes = 4 << 20

// Open opens the sink of a cell; it is nil if what the consumer receives is
// discarded.
func Open(cell results.Cell) (*Sink, error) {
	s := &Sink{frames: framingOf(cell), perBatch: cell.SinkWrite == results.WriteBatch}
	if cell.Sink == "" || cell.Sink == results.SinkDiscard {
		return nil, nil
	}
	open, known := openers[cell.Sink]
	if !known {
		return nil, &SetupError{fmt.Errorf("opening the sink: there is no kind %q", cell.Sink)}
	}
	if err := open(s); err != nil {
		return nil, &SetupError{fmt.Errorf("opening the %s sink: %w", cell.Sink, err)}
	}
	return s, nil
}

// openers open the sinks of [results.Sinks], except discard. Each sets where the consumer
// writes, and how what came out there is read when it has closed that.
var openers = map[string]func(*Sink) error{
	results.SinkTCP:  func(s *Sink) error { return s.dial("tcp", "127.0.0.1:0") },
	results.SinkUnix: (*Sink).dialUnix,
	results.SinkFile: (*Sink).create,
}

// SetupError says that a trial could not begin, which is not the strategy's doing.
type SetupError struct{ error }

// Unwrap returns what went wrong.
func (e *SetupError) Unwrap() error { return e.error }

// dial starts a socket server and connects to it. The server reads in a goroutine
// of its own: its share of the processors is part of what a message costs, as it
// is of any consumer's that talks to its own machine.
func (s *Sink) dial(network, address string) error {
	listener, err := net.Listen(network, address)
	if err != nil {
		return err
	}
	defer listener.Close()
	if s.out, err = net.Dial(network, listener.Addr().String()); err != nil {
		return err
	}
	conn, err := listener.Accept()
	if err != nil {
		_ = s.out.Close()
		return err
	}
	type end struct {
		digest
		error
	}
	done := make(chan end, 1)
	go func() {
		defer conn.Close()
		got, err := s.frames.read(conn)
		done <- end{got, err}
	}()
	s.received = func() (digest, error) {
		e := <-done
		return e.digest, e.error
	}
	return nil
}

// dialUnix is dial over a socket in a directory that is gone when it is connected.
func (s *Sink) dialUnix() error {
	dir, err := os.MkdirTemp("", "fanin-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	return s.dial("unix", filepath.Join(dir, "sink"))
}

// create makes a temporary file to append to.
func (s *Sink) create() error {
	file, err := os.CreateTemp("", "fanin-bench-*.sink")
	if err != nil {
		return err
	}
	name := file.Name()
	_ = os.Remove(name) // where an open file can be: nothing is left then, however we end
	s.out, s.sync = appender{file}, file.Sync
	s.received = func() (digest, error) {
		defer func() { _, _ = file.Close(), os.Remove(name) }()
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return digest{}, err
		}
		return s.frames.read(file)
	}
	return nil
}

// appender leaves a file open when it is closed as a sink: it is yet to be read.
type appender struct{ io.Writer }

func (appender) Close() error { return nil }

// Item encodes one item and, unless batches are written, writes it.
func (s *Sink) Item(id strategies.Word, payload []byte) error {
	s.written.add(s.frames.key(id))
	s.pending = s.frames.append(s.pending, id, payload)
	if s.perBatch && len(s.pending) < pendingBytes {
		return nil
	}
	return s.write()
}

// Batch writes what is pending and, to a file, makes it last.
func (s *Sink) Batch() error {
	if len(s.pending) > 0 {
		if err := s.write(); err != nil {
			return err
		}
	}
	if s.sync == nil {
		return nil
	}
	s.Syncs++
	return s.sync()
}

func (s *Sink) write() error {
	n, err := s.out.Write(s.pending)
	s.Bytes += int64(n)
	s.Writes++
	s.pending = s.pending[:0]
	return err
}

// Finish closes the sink and holds what came out at its end against what was
// written.
func (s *Sink) Finish() error {
	err := s.out.Close()
	got, readErr := s.received()
	switch err = errors.Join(readErr, err); {
	case err != nil:
		return fmt.Errorf("the sink: %w", err)
	case got.count != s.written.count:
		return fmt.Errorf("the sink received %d items; %d were written", got.count, s.written.count)
	case got != s.written:
		return fmt.Errorf("the sink received other items than the %d that were written, or in another order", got.count)
	default:
		return nil
	}
}

// framing is how items are written: all frames of a sink are equally long, and
// hold nothing but the item, so that every byte of them can be checked.
type framing struct {
	bytes   int
	pattern []byte // what follows the id in a frame with payload
}

// byteFrames is by how much a 1-byte frame counts: each producer's count up to it
// and begin again.
const byteFrames = 255

func framingOf(cell results.Cell) framing {
	if cell.SinkFrame == results.FrameByte {
		return framing{bytes: 1}
	}
	return framing{bytes: cell.Payload, pattern: PayloadPattern(cell.Payload)}
}

// append appends an item's frame. One of the harness floor has no payload: its
// place is taken by what it would have been.
func (f framing) append(to []byte, id strategies.Word, payload []byte) []byte {
	switch {
	case f.bytes == 1:
		return append(to, byte(f.key(id)))
	case payload != nil:
		return append(to, payload...)
	default:
		return append(binary.LittleEndian.AppendUint64(to, uint64(id)), f.pattern...)
	}
}

// key returns what an item's frame says of which item it is.
func (f framing) key(id strategies.Word) uint64 {
	if f.bytes == 1 {
		return id.Seq() % byteFrames
	}
	return uint64(id)
}

// parse returns the key of a frame, or an error if anything else in it is wrong.
func (f framing) parse(frame []byte) (uint64, error) {
	if f.bytes == 1 {
		return uint64(frame[0]), nil
	}
	key := binary.LittleEndian.Uint64(frame)
	if !bytes.Equal(frame[results.MinPayload:], f.pattern) {
		id := strategies.Word(key)
		return key, fmt.Errorf("producer %d: payload of item %d corrupted", id.Producer(), id.Seq())
	}
	return key, nil
}

// readBytes is how much the other end of a sink asks for at a time.
const readBytes = 64 << 10

// read reads frames to the end and checks every byte. The digest says which they
// were, in order.
func (f framing) read(r io.Reader) (digest, error) {
	var got digest
	buf := make([]byte, max(readBytes, 2*f.bytes))
	for have := 0; ; {
		n, err := r.Read(buf[have:])
		have += n
		at := 0
		for ; have-at >= f.bytes; at += f.bytes {
			key, err := f.parse(buf[at : at+f.bytes])
			if err != nil {
				return got, err
			}
			got.add(key)
		}
		have = copy(buf, buf[at:have])
		switch {
		case err == io.EOF && have > 0:
			return got, fmt.Errorf("%d bytes of a frame of %d at the end", have, f.bytes)
		case err == io.EOF:
			return got, nil
		case err != nil:
			return got, err
		}
	}
}

// digest tells sequences of items apart by their number and a hash.
type digest struct{ count, hash uint64 }

// digestFactor is odd, so that no step loses anything: two sequences that differ
// in one item never have the same hash (2^64 over the golden ratio, as Knuth
// multiplies: The Art of Computer Programming, vol. 3, 6.4).
const digestFactor = 0x9E3779B97F4A7C15

func (d *digest) add(key uint64) {
	d.count++
	d.hash = (d.hash ^ key) * digestFactor
	d.hash ^= d.hash >> 32
}

// PayloadPattern returns what follows the id in payloads of so many bytes.
func PayloadPattern(size int) []byte {
	pattern := make([]byte, size-results.MinPayload)
	for i := range pattern {
		pattern[i] = byte(i*7 + 3)
	}
	return pattern
}
