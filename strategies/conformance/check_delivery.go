package conformance

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/sends"
)

// lanes lists the numbers of lanes to try.
func (e *env) lanes() []int {
	if e.strategy.Lanes {
		return []int{0, 1, 3}
	}
	return []int{0}
}

// floodWords runs a flood of plain words and drops its totals.
func (e *env) floodWords(f flood) error {
	_, err := run(e, e.strategy.Word, plainWords(), f)
	return err
}

// manyItems is enough to meet one fault in 100 000 items.
func manyItems(e *env) error {
	for _, lanes := range e.lanes() {
		for _, senders := range []int{1, 8} {
			err := e.floodWords(flood{
				options: strategies.Options{Capacity: 1000, Lanes: lanes}, ways: sends.Plain,
				senders: senders, items: e.n(600_000) / senders, maxBatch: 64, maxRecv: 256,
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// tinyCapacities goes round the smallest buffers many times, with batches
// larger than they are.
func tinyCapacities(e *env) error {
	for _, capacity := range []int{1, 2, 3, 5, 8, 13} {
		for _, senders := range []int{1, 3} {
			err := e.floodWords(flood{
				options: strategies.Options{Capacity: capacity}, ways: sends.Plain,
				senders: senders, items: e.n(20_000) / senders, maxBatch: 2 * capacity, maxRecv: capacity + 1,
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func thousandsOfProducers(e *env) error {
	senders := 2000
	if !e.strategy.Keeps(strategies.PromisePark) {
		senders /= 10 // each that polls delays all others
	}
	items := min(e.n(40)*senders, mostItems(e.strategy.Descriptor, senders)) / senders
	for _, capacity := range []int{1, 64, 10_000} {
		err := e.floodWords(flood{
			options: strategies.Options{Capacity: capacity}, ways: sends.Waiting,
			senders: senders, items: items, maxBatch: 8, maxRecv: 100,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// comeAndGo opens producers while others run, and again after closing.
func comeAndGo(e *env) error {
	for _, lanes := range e.lanes() {
		for _, capacity := range []int{2, 100} {
			err := e.floodWords(flood{
				options: strategies.Options{Capacity: capacity, Lanes: lanes}, ways: sends.Plain,
				senders: 8, lives: e.n(400), items: 10, maxBatch: 10, maxRecv: 16,
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func everyWayToSend(e *env) error {
	for _, capacity := range []int{1, 7, 500} {
		err := e.floodWords(flood{
			options: strategies.Options{Capacity: capacity}, ways: sends.Every,
			senders: 6, items: e.n(10_000), maxBatch: 20, maxRecv: 32,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// perProducerOrder mixes single sends and batches, which may take different
// paths, and receives in every size.
func perProducerOrder(e *env) error {
	for _, lanes := range e.lanes() {
		for _, maxRecv := range []int{1, 3, 1000} {
			err := e.floodWords(flood{
				options: strategies.Options{Capacity: 50, Lanes: lanes}, ways: sends.Plain,
				senders: 4, items: e.n(40_000), maxBatch: 5, maxRecv: maxRecv,
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// payload sends messages whose payload tells whether it is theirs.
func payload(e *env) error {
	k := sealedMessages(e.seed)
	for _, capacity := range []int{1, 10, 1000} {
		_, err := run(e, e.strategy.Message, k, flood{
			options: strategies.Options{Capacity: capacity}, ways: sends.Waiting,
			senders: 4, items: e.n(20_000), maxBatch: 8, maxRecv: 32,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sealedMessages makes messages of which every field tells whether it is theirs.
func sealedMessages(seed uint64) kind[strategies.Message] {
	return kind[strategies.Message]{
		seal: func(w strategies.Word) strategies.Message {
			return strategies.Message{ID: w, Intended: int64(w) + 1, Sent: int64(w) + 2, Payload: noise(seed, w)}
		},
		open: func(m strategies.Message) (strategies.Word, error) {
			if m.Intended != int64(m.ID)+1 || m.Sent != int64(m.ID)+2 || !bytes.Equal(m.Payload, noise(seed, m.ID)) {
				return 0, fmt.Errorf("message %d of producer %d differs from the message sent", m.ID.Seq(), m.ID.Producer())
			}
			return m.ID, nil
		},
	}
}

// payloadByValue sends items that are large themselves, of which every byte tells
// whether it is theirs.
func payloadByValue(e *env) error {
	k := sealedBlocks(e.seed)
	for _, capacity := range []int{1, 100} {
		_, err := run(e, e.strategy.Blocks.Block1K, k, flood{
			options: strategies.Options{Capacity: capacity}, ways: sends.Waiting,
			senders: 4, items: e.n(4_000), maxBatch: 8, maxRecv: 32,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func sealedBlocks(seed uint64) kind[strategies.Block1K] {
	seal := func(w strategies.Word) (b strategies.Block1K) {
		b.ID, b.Intended, b.Sent = w, int64(w)+1, int64(w)+2
		rng := rand.NewPCG(seed, uint64(w))
		for i := 0; i < len(b.Payload); i += 8 {
			binary.LittleEndian.PutUint64(b.Payload[i:], rng.Uint64())
		}
		return b
	}
	return kind[strategies.Block1K]{
		seal: seal,
		open: func(b strategies.Block1K) (strategies.Word, error) {
			if b != seal(b.ID) {
				return 0, fmt.Errorf("block %d of producer %d differs from the block sent", b.ID.Seq(), b.ID.Producer())
			}
			return b.ID, nil
		},
	}
}

// noise returns 0 to 64 bytes that only this word has.
func noise(seed uint64, w strategies.Word) []byte {
	rng := rand.NewPCG(seed, uint64(w))
	b := make([]byte, 0, 72)
	for range rng.Uint64() % 9 {
		b = binary.LittleEndian.AppendUint64(b, rng.Uint64())
	}
	return b
}

// happensBefore writes plain memory before each send and reads it after the
// receive. Without the race detector it fails only where the processor
// reorders too.
func happensBefore(e *env) error {
	const senders = 4
	items := e.n(40_000)
	for _, capacity := range []int{1, 100} {
		notes := make([][]uint64, senders)
		for i := range notes {
			notes[i] = make([]uint64, items)
		}
		k := kind[strategies.Word]{
			seal: func(w strategies.Word) strategies.Word {
				notes[w.Producer()][w.Seq()] = ^uint64(w)
				return w
			},
			open: func(w strategies.Word) (strategies.Word, error) {
				if w.Producer() < senders && w.Seq() < uint64(items) && notes[w.Producer()][w.Seq()] != ^uint64(w) {
					return 0, fmt.Errorf("memory written before the send of item %d is not visible", w.Seq())
				}
				return w, nil
			},
		}
		_, err := run(e, e.strategy.Word, k, flood{
			options: strategies.Options{Capacity: capacity}, ways: sends.Waiting,
			senders: senders, items: items, maxBatch: 4, maxRecv: 64,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// globalOrder has one goroutine send by several producers in turn.
func globalOrder(e *env) error {
	const producers = 5
	total := e.n(100_000)
	return e.ordered(total, func(fan words, _ *crew) error {
		var ps [producers]wordProducer
		for i := range ps {
			ps[i] = fan.Producer()
			defer ps[i].Close()
		}
		rng := rand.New(rand.NewPCG(e.seed, 1))
		for seq := 0; seq < total; {
			id := rng.IntN(producers)
			batch := sequence(id, seq, min(total, seq+rng.IntN(4)))
			if len(batch) == 1 {
				if err := ps[id].Send(batch[0]); err != nil {
					return fmt.Errorf("Send returned %w", err)
				}
			} else if n, err := ps[id].SendBatch(batch); err != nil {
				return fmt.Errorf("SendBatch returned %d, %w", n, err)
			}
			seq += len(batch)
			e.alive()
		}
		return nil
	})
}

// globalOrderHandover has goroutines send in turn, each telling the next only
// when its send has returned.
func globalOrderHandover(e *env) error {
	const producers = 3
	total := e.n(20_000) / producers * producers
	return e.ordered(total, func(fan words, senders *crew) error {
		var turns [producers]chan int
		for i := range turns {
			turns[i] = make(chan int, 1)
		}
		for i := range producers {
			p := fan.Producer()
			senders.run(func() error {
				defer p.Close()
				defer close(turns[(i+1)%producers])
				for seq := range turns[i] {
					if err := p.Send(strategies.NewWord(i, uint64(seq))); err != nil {
						return fmt.Errorf("Send returned %w", err)
					}
					e.alive()
					if seq+1 == total {
						return nil
					}
					turns[(i+1)%producers] <- seq + 1
				}
				return nil
			})
		}
		turns[0] <- 0
		return nil
	})
}

// ordered receives what send sends: total items whose sequence numbers count
// across all producers.
func (e *env) ordered(total int, send func(words, *crew) error) error {
	for _, capacity := range []int{1, 100} {
		fan := e.words(capacity)
		c := fan.Consumer()
		keeper := fan.Producer()
		senders := e.crew()
		senders.run(func() error { defer keeper.Close(); return send(fan, senders) })
		e.doing("receiving %d items in global order with capacity %d", total, capacity)
		err := e.expectSequence(c, total)
		c.Close()
		if err != nil {
			return err
		}
		if err := senders.wait(); err != nil {
			return err
		}
	}
	return nil
}

func (e *env) expectSequence(c wordConsumer, total int) error {
	buf := make([]strategies.Word, 20)
	for seq := 0; seq < total; {
		n, err := c.Recv(buf)
		e.alive()
		if atEnd, err := e.received(n, len(buf), err); err != nil {
			return err
		} else if atEnd {
			return e.broke(strategies.PromiseDrain, "io.EOF after %d of %d items", seq, total)
		}
		for _, w := range buf[:n] {
			if w.Seq() != uint64(seq) {
				return e.broke(strategies.PromiseOrder, "item %d in global order, of producer %d, was received in place of item %d",
					w.Seq(), w.Producer(), seq)
			}
			seq++
		}
	}
	return nil
}
