package main

import (
	"sync"

	"github.com/fanin-bench/fanin-bench/results/program"
)

// packBytes is of what a pack holds, unless a single message is longer.
const packBytes = 64 << 10

// packer gathers what producers send into packs. One is on its way, and the next is filled
// meanwhile.
type packer struct {
	ship func(pack []byte) error // returns when the pack is where it is safe, and may be filled anew

	mu      sync.Mutex // guards what follows
	changed sync.Cond  // something waits to be shipped; or less does
	waiting []byte
	sending bool
	err     error
}

func newPacker(s program.Setup, ship func(pack []byte) error) *packer {
	p := &packer{ship: ship}
	p.changed.L = &p.mu
	room := packBytes + s.Payload
	p.waiting = make([]byte, 0, room)
	go p.send(make([]byte, 0, room))
	return p
}

// send sends what waits, as much as there is.
func (p *packer) send(spare []byte) {
	for {
		p.mu.Lock()
		for len(p.waiting) == 0 {
			p.changed.Wait()
		}
		pack := p.waiting
		p.waiting, p.sending = spare[:0], true
		p.mu.Unlock()
		p.changed.Broadcast()
		err := p.ship(pack)
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

// Flush waits until all is shipped.
func (p *packer) Flush() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for (len(p.waiting) > 0 || p.sending) && p.err == nil {
		p.changed.Wait()
	}
	return p.err
}
