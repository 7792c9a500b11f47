package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/program"
	"github.com/fanin-bench/fanin-bench/results/program/programtest"
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
	said                programtest.Said
	ear                 *os.File // hears the child
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
	a.ear = hear
	a.said.Hear(hear)
}

func (a *actor) kill(t *testing.T) {
	t.Helper()
	_ = a.child.Process.Kill()
	err := a.child.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Errorf("a %s ended before it was killed: %v", a.role, err)
	}
	a.said.Wait()
	_ = a.ear.Close()
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

func (a *actor) count() int { return len(a.said.All()) }

// awaitRest waits until the actor has said all of these, or, of a strategy that may have lost
// some, says no more: with nobody left that sends it has all that it will get. It returns what
// was not said, and how often something was said again.
func (a *actor) awaitRest(all []uint64, mayLose bool) (missing, again int) {
	quiet := 10 * time.Second
	if mayLose {
		quiet = 300 * time.Millisecond
	}
	for {
		since := time.Since(a.said.Last()) // before the look: what comes after it is not missed
		if missing, again = a.said.Against(all); missing == 0 || since > quiet {
			return missing, again
		}
		time.Sleep(quiet / 30)
	}
}

// suffer kills one end of a fan-in again and again, while the other lives, and counts.
func suffer(t *testing.T, s program.Strategy, role string, kills int) programtest.Loss {
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
	lost, again := consumer.awaitRest(producer.said.All(), !slices.Contains(s.Survives, role))
	consumer.kill(t)
	return programtest.Loss{Strategy: s.Name, Killed: role, Kills: kills, Confirmed: producer.count(), Lost: lost, Again: again}
}

// Who says that it survives an end loses no message whose send returned, whenever that end
// is killed; who delivers at most once delivers nothing again, and who may, no more than
// what a receive had not put behind it.
func TestKills(t *testing.T) {
	kills := 5
	if *record != "" {
		kills *= 10
	}
	var all []programtest.Loss
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
	programtest.Record(t, *record, all)
}
