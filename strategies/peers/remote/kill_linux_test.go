package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/program"
)

const (
	strategyName = "REMOTE_TEST_STRATEGY"
	dirName      = "REMOTE_TEST_DIR"
	lifeName     = "REMOTE_TEST_LIFE"
)

var record = flag.String("record", "", "`file` that what the kill tests count is written to, after ten times as many kills")

// actor is a role, in a process that is killed again and again.
type actor struct {
	role, strategy, dir string
	memory              *os.File
	life                int
	child               *exec.Cmd
	heard               sync.WaitGroup

	mu   sync.Mutex // guards what follows
	said []uint64
	last time.Time // when it said something
}

func (a *actor) start(t *testing.T) {
	t.Helper()
	hear, says, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	a.life++
	a.child = exec.Command(os.Args[0])
	a.child.Env = append(os.Environ(), roleName+"="+a.role, strategyName+"="+a.strategy, dirName+"="+a.dir, fmt.Sprint(lifeName, "=", a.life))
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
			a.said, a.last = append(a.said, binary.LittleEndian.Uint64(word[:])), time.Now()
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

// awaitSaid waits until the actor has said more than so much, which takes a process some time.
func (a *actor) awaitSaid(t *testing.T, count int) {
	t.Helper()
	for begun := time.Now(); a.count() <= count; time.Sleep(time.Millisecond) {
		if time.Since(begun) > 20*time.Second {
			t.Fatalf("%s: the %s does not go on after %d messages", a.strategy, a.role, count)
		}
	}
}

func (a *actor) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.said)
}

// awaitRest waits until the actor has said all of these, or, of a strategy that may have lost
// some, says no more: with nobody left that sends it has all that it will get. It returns what
// was not said, and how often something was said again.
func (a *actor) awaitRest(all []uint64, mayLose bool) (missing, again int) {
	quiet := 10 * time.Second
	if mayLose {
		quiet = 300 * time.Millisecond
	}
	for {
		a.mu.Lock()
		said := make(map[uint64]bool, len(a.said))
		for _, seq := range a.said {
			said[seq] = true
		}
		again, missing = len(a.said)-len(said), 0
		since := time.Since(a.last)
		a.mu.Unlock()
		for _, seq := range all {
			if !said[seq] {
				missing++
			}
		}
		if missing == 0 || since > quiet {
			return missing, again
		}
		time.Sleep(quiet / 30)
	}
}

// loss is what came of kills: a line of the table in docs/BEYOND.md.
type loss struct {
	Strategy  string `json:"strategy"`
	Killed    string `json:"killed"` // the role
	Kills     int    `json:"kills"`
	Confirmed int    `json:"confirmed"`
	Lost      int    `json:"lost"` // of those
	Again     int    `json:"again"`
}

// suffer kills one end of a fan-in again and again, while the other lives, and counts.
func suffer(t *testing.T, s program.Strategy, role string, kills int) loss {
	t.Helper()
	memory, err := newMapping(layoutOf(killSetup).size)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	actors := map[string]*actor{}
	for _, role := range []string{results.RoleConsumer, results.RoleProducer} {
		actors[role] = &actor{role: role, strategy: s.Name, dir: dir, memory: memory.file}
		actors[role].start(t)
	}
	producer, consumer, victim := actors[results.RoleProducer], actors[results.RoleConsumer], actors[role]
	for range kills {
		victim.awaitSaid(t, victim.count())
		time.Sleep(time.Duration(rand.Int64N(int64(20 * time.Millisecond))))
		victim.kill(t)
		victim.start(t)
	}
	consumer.awaitSaid(t, consumer.count())
	producer.kill(t)
	lost, again := consumer.awaitRest(producer.said, !slices.Contains(s.Survives, role))
	consumer.kill(t)
	return loss{s.Name, role, kills, len(producer.said), lost, again}
}

// Who says that it survives an end loses no message whose send returned, whenever that end
// is killed; who delivers at most once delivers nothing again, and who may, no more than
// what a receive had not put behind it.
func TestKills(t *testing.T) {
	kills := 5
	if *record != "" {
		kills *= 10
	}
	var all []loss
	for _, s := range append(sockets(), shared()...) {
		for _, role := range []string{results.RoleProducer, results.RoleConsumer} {
			t.Run(s.Name+"/"+role, func(t *testing.T) {
				l := suffer(t, s, role, kills)
				t.Logf("%+v", l)
				all = append(all, l)
				if slices.Contains(s.Survives, role) && l.Lost > 0 {
					t.Errorf("%d of %d confirmed messages are lost", l.Lost, l.Confirmed)
				}
				most := 0
				if s.Delivery == results.DeliveryAtLeastOnce {
					most = (kills + 1) * killSetup.RecvBatch
				}
				if l.Again > most {
					t.Errorf("%d messages came again; want at most %d", l.Again, most)
				}
			})
		}
	}
	if *record == "" || t.Failed() {
		return
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err == nil {
		err = os.WriteFile(*record, append(text, '\n'), 0o644)
	}
	if err != nil {
		t.Error(err)
	}
}
