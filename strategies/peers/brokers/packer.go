package main

import (
	"fmt"
	"os"
	"sync"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/fanin-bench/fanin-bench/results/program"
)

// packBytes is of what one message of the broker's holds, unless a single one is longer.
const packBytes = 64 << 10

// packer makes one message of the broker's from many of its producers'. One is on its way,
// and the next is filled meanwhile.
type packer struct {
	js jetstream.JetStream

	mu      sync.Mutex // guards what follows
	changed sync.Cond  // something waits for the broker; or less does
	waiting []byte
	sending bool
	err     error
}

func newPacker(s program.Setup, js jetstream.JetStream) *packer {
	p := &packer{js: js}
	p.changed.L = &p.mu
	room := packBytes + s.Payload
	p.waiting = make([]byte, 0, room)
	go p.send(make([]byte, 0, room))
	return p
}

// send sends what waits, as much as there is.
func (p *packer) send(spare []byte) {
	for number := 0; ; number++ {
		p.mu.Lock()
		for len(p.waiting) == 0 {
			p.changed.Wait()
		}
		pack := p.waiting
		p.waiting, p.sending = spare[:0], true
		p.mu.Unlock()
		p.changed.Broadcast()
		err := publish(p.js, pack, fmt.Sprintf("%d-%d", os.Getpid(), number))
		spare = pack
		p.mu.Lock()
		p.sending, p.err = false, err
		p.mu.Unlock()
		p.changed.Broadcast()
		if err != nil {
			return
		}
	}
}

func (p *packer) Sender(int) (program.Sender, error) { return p, nil } //nolint:unparam // the interface has it

// Send adds a message to what goes next. It waits while that is full.
func (p *packer) Send(message []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.waiting) > 0 && len(p.waiting)+len(message) > packBytes && p.err == nil {
		p.changed.Wait()
	}
	if p.err != nil {
		return p.err
	}
	if p.waiting = append(p.waiting, message...); len(p.waiting) == len(message) {
		p.changed.Broadcast()
	}
	return nil
}

// Flush waits until the broker has stored all.
func (p *packer) Flush() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for (len(p.waiting) > 0 || p.sending) && p.err == nil {
		p.changed.Wait()
	}
	return p.err
}
