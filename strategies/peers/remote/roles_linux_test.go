package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/program"
)

var killSetup = program.Setup{Producers: 1, Payload: 24, Capacity: 64, RecvBatch: 16}

// playRole plays what a test told this process to be, and reports false if that is nothing.
func playRole(role string) bool {
	if role == "" {
		return false
	}
	i := slices.IndexFunc(all(), func(s program.Strategy) bool { return s.Name == os.Getenv(strategyName) })
	p := player{strategy: all()[i], setup: killSetup, memory: os.NewFile(3, "memory"), says: os.NewFile(4, "says")}
	p.setup.Dir = os.Getenv(dirName)
	play := p.consume
	if role == results.RoleProducer {
		play = p.produce
	}
	if err := play(); err != nil {
		panic(fmt.Errorf("%s: %s: %w", p.strategy.Name, role, err))
	}
	return true
}

// player is one end of a fan-in, in a process that is killed.
type player struct {
	strategy program.Strategy
	setup    program.Setup
	memory   *os.File // that is shared, of who needs one
	says     io.Writer
}

func (p player) say(message []byte) {
	if _, err := p.says.Write(message[:8]); err != nil {
		os.Exit(0) // the test is over
	}
}

// consume says what it receives, for ever.
func (p player) consume() error {
	queue, err := p.open()
	if err != nil {
		return err
	}
	for {
		if _, err := queue.Recv(p.say); err != nil {
			return err
		}
	}
}

// open opens the consumer's end where the one before had it: in the same memory, or at the
// same address, which is told by a file.
func (p player) open() (program.Queue, error) {
	if p.shares() {
		memory, err := mapFile(p.memory, layoutOf(p.setup).size)
		if err != nil {
			return nil, err
		}
		return ringsIn(memory, p.setup, p.strategy.Name == "remote-shm-poll"), nil
	}
	_ = os.Remove(filepath.Join(p.setup.Dir, "socket"))
	queue, err := p.strategy.Open(p.setup)
	if err != nil {
		return nil, err
	}
	invited, err := queue.(program.Inviting).Invite()
	if err != nil {
		return nil, err
	}
	next := p.address() + ".next"
	if err := os.WriteFile(next, []byte(invited.Words[0]), 0o600); err != nil {
		return nil, err
	}
	return queue, os.Rename(next, p.address())
}

func (p player) shares() bool    { return strings.HasPrefix(p.strategy.Name, "remote-shm") }
func (p player) address() string { return filepath.Join(p.setup.Dir, "address") }

// produce sends for ever, saying of each message when its send has returned. When the
// consumer is gone it joins the next one.
func (p player) produce() error {
	life, err := strconv.ParseUint(os.Getenv(lifeName), 10, 16)
	if err != nil {
		return err
	}
	message := make([]byte, p.setup.Payload)
	seq := life << 32 // of no other life
	for {
		sender, err := p.join()
		if err != nil {
			time.Sleep(time.Millisecond) // nobody is there
			continue
		}
		for ; ; seq++ {
			binary.LittleEndian.PutUint64(message, seq)
			if err := sender.Send(message); err != nil {
				break
			}
			p.say(message)
		}
	}
}

func (p player) join() (program.Sender, error) {
	invited := program.Invitation{Files: []*os.File{p.memory}}
	if !p.shares() {
		address, err := os.ReadFile(p.address())
		if err != nil {
			return nil, err
		}
		invited = program.Invitation{Words: []string{string(address)}}
	}
	producers, err := p.strategy.Join(p.setup, invited)
	if err != nil {
		return nil, err
	}
	return producers.Sender(0)
}
