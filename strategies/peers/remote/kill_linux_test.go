package main

import (
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results/program"
)

var killSetup = program.Setup{Producers: 1, Payload: 24, Capacity: 64, RecvBatch: 16}

// play sends for ever, saying of each message when its send has returned; or receives, and
// says what.
func play(role string, memory *os.File, says io.Writer) error {
	m, err := mapFile(memory, layoutOf(killSetup).size)
	if err != nil {
		return err
	}
	r := ringsIn(m, killSetup, false)
	say := func(message []byte) {
		if _, err := says.Write(message[:8]); err != nil {
			os.Exit(0) // the test is over
		}
	}
	if role == "consumer" {
		for {
			if _, err := r.Recv(say); err != nil {
				return err
			}
		}
	}
	sender, err := r.Sender(0)
	if err != nil {
		return err
	}
	message := make([]byte, killSetup.Payload)
	for seq := r.lanes[0].words.tail.Load(); ; seq++ {
		binary.LittleEndian.PutUint64(message, seq)
		if err := sender.Send(message); err != nil {
			return err
		}
		say(message)
	}
}

// actor is a role, in a process that is killed again and again.
type actor struct {
	role   string
	memory *os.File
	child  *exec.Cmd
	said   []uint64
	heard  sync.WaitGroup
	mu     sync.Mutex
}

func (a *actor) start(t *testing.T) {
	t.Helper()
	hear, says, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	a.child = exec.Command(os.Args[0])
	a.child.Env = append(os.Environ(), roleName+"="+a.role)
	a.child.ExtraFiles = []*os.File{a.memory, says}
	a.child.Stderr = os.Stderr
	if err := a.child.Start(); err != nil {
		t.Fatal(err)
	}
	_ = says.Close()
	a.heard.Go(func() {
		defer hear.Close()
		var word [8]byte
		for {
			if _, err := io.ReadFull(hear, word[:]); err != nil {
				return
			}
			a.mu.Lock()
			a.said = append(a.said, binary.LittleEndian.Uint64(word[:]))
			a.mu.Unlock()
		}
	})
}

func (a *actor) kill(t *testing.T) {
	t.Helper()
	_ = a.child.Process.Kill()
	err := a.child.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Errorf("a %s ended before it was killed: %v", a.role, err)
	}
	a.heard.Wait()
}

// No message whose send returned is lost, whoever is killed whenever, and only what a consumer
// had not put behind it comes again.
func TestSharedMemorySurvivesKills(t *testing.T) {
	const kills = 12
	memory, err := newMapping(layoutOf(killSetup).size)
	if err != nil {
		t.Fatal(err)
	}
	producer := &actor{role: "producer", memory: memory.file}
	consumer := &actor{role: "consumer", memory: memory.file}
	actors := []*actor{producer, consumer}
	for _, a := range actors {
		a.start(t)
	}
	for range kills {
		time.Sleep(time.Duration(10+rand.IntN(30)) * time.Millisecond)
		victim := actors[rand.IntN(2)]
		victim.kill(t)
		victim.start(t)
	}
	producer.kill(t)
	lane := ringsIn(memory, killSetup, false).lanes[0].words
	for begun := time.Now(); lane.head.Load() != lane.tail.Load(); time.Sleep(time.Millisecond) {
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("the consumer does not go on: %d of %d", lane.head.Load(), lane.tail.Load())
		}
	}
	consumer.kill(t)
	received := map[uint64]int{}
	for _, seq := range consumer.said {
		received[seq]++
	}
	lost := 0
	for _, seq := range producer.said {
		if received[seq] == 0 {
			lost++
		}
	}
	again := len(consumer.said) - len(received)
	t.Logf("%d kills: %d confirmed, %d lost, %d received again", kills, len(producer.said), lost, again)
	if len(producer.said) == 0 || lost > 0 {
		t.Errorf("%d of %d confirmed messages are lost", lost, len(producer.said))
	}
	if most := (kills + 1) * killSetup.RecvBatch; again > most {
		t.Errorf("%d messages came again; a kill repeats a receive, %d in all", again, most)
	}
}

// playRole plays what a test told this process to be, and reports false if that is nothing.
func playRole(role string) bool {
	if role == "" {
		return false
	}
	if err := play(role, os.NewFile(3, "memory"), os.NewFile(4, "says")); err != nil {
		panic(err)
	}
	return true
}
