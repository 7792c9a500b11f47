package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/program"
	"github.com/fanin-bench/fanin-bench/results/program/programtest"
)

// playVerb has the test's binary play a role: "play ROLE STRATEGY ADDRESS FIRST".
const playVerb = "play"

const (
	killsEach     = 3
	killsRecorded = 10
)

var record = flag.String("record", "", "`file` that what the kill tests count is written to, after more kills")

var killSetup = program.Setup{Producers: 1, Payload: 24, RecvBatch: 16}

func engineNamed(name string) engine {
	all := engines()
	return all[slices.IndexFunc(all, func(e engine) bool { return e.about.Name == name })]
}

// play sends for ever, saying of each message when it is confirmed, or, where nothing is,
// when its send has returned; or receives, and says what.
func play(args []string) int {
	say := func(message []byte) {
		if _, err := os.Stdout.Write(message[:8]); err != nil {
			os.Exit(0) // the test is over
		}
	}
	role, e, address := args[0], engineNamed(args[1]), args[2]
	var over atomic.Bool
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // it ends with the test, or when that says so
		if over.Store(true); role == results.RoleConsumer {
			os.Exit(0)
		}
	}()
	first, err := strconv.ParseUint(args[3], 10, 64)
	if err == nil && role == results.RoleConsumer {
		err = playConsumer(e, address, say)
	} else if err == nil {
		err = playProducer(e, address, first, say, &over)
	}
	if err == nil {
		return 0
	}
	fmt.Fprintf(os.Stderr, "a %s of %s: %v\n", role, e.about.Name, err)
	return 1
}

func playConsumer(e engine, address string, say func([]byte)) error {
	q, err := e.open(killSetup, &broker{address: address})
	for err == nil {
		_, err = q.Recv(say)
	}
	return err
}

func playProducer(e engine, address string, seq uint64, say func([]byte), over *atomic.Bool) error {
	for {
		err := sendOn(e, address, &seq, say, over)
		if err == nil || slices.Contains(e.about.Survives, results.RoleConsumer) || over.Load() {
			return err
		}
		time.Sleep(time.Millisecond) // nobody is there until the next one listens
	}
}

// sendOn sends from a number on.
func sendOn(e engine, address string, seq *uint64, say func([]byte), over *atomic.Bool) error {
	all, err := e.join(killSetup, address)
	if err != nil {
		return err
	}
	sender, err := all.Sender(0)
	if p, packs := all.(*packer); packs && e.about.Delivery == results.DeliveryConfirmed {
		ship, tell := p.ship, say // the send returns before the confirmation
		p.ship = func(pack []byte) error {
			err := ship(pack)
			for message := range slices.Chunk(pack, killSetup.Payload) {
				if err == nil {
					tell(message)
				}
			}
			return err
		}
		say = func([]byte) {}
	}
	message := make([]byte, killSetup.Payload)
	for ; err == nil && !over.Load(); *seq++ {
		binary.LittleEndian.PutUint64(message, *seq)
		if err = sender.Send(message); err == nil {
			say(message)
		}
	}
	if flushing, ok := all.(program.Flushing); ok && err == nil {
		err = flushing.Flush()
	}
	return err
}

// actor is a process that plays a role, and is killed and started again.
type actor struct {
	role, strategy string
	child          *exec.Cmd
	in             io.Closer
	said           programtest.Said
}

func (a *actor) start(t *testing.T, address string) {
	t.Helper()
	var first uint64
	if said := a.said.All(); len(said) > 0 { // whoever said that has ended
		first = said[len(said)-1] + 1
		if engineNamed(a.strategy).about.Delivery == results.DeliveryAtMostOnce {
			first++ // that of the send that had not returned may have come
		}
	}
	a.child = exec.Command(os.Args[0], playVerb, a.role, a.strategy, address, fmt.Sprint(first))
	a.child.Stderr = os.Stderr
	out, err := a.child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if a.in, err = a.child.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := a.child.Start(); err != nil {
		t.Fatal(err)
	}
	a.said.Hear(out)
}

func (a *actor) kill() {
	_ = a.child.Process.Kill()
	a.said.Wait()
	_ = a.child.Wait()
}

// finish has a producer end by itself, after it has sent all.
func (a *actor) finish(t *testing.T) {
	t.Helper()
	_ = a.in.Close()
	a.said.Wait()
	if err := a.child.Wait(); err != nil {
		t.Errorf("the %s: %v", a.role, err)
	}
}

// stage is a producer, a consumer and the broker between them.
type stage struct {
	engine             engine
	dir                string
	broker             *broker
	producer, consumer *actor
}

func (s *stage) startBroker(t *testing.T, address string) {
	t.Helper()
	var err error
	if s.broker, err = s.engine.start((*exec.Cmd).Start, address, s.dir); err != nil {
		t.Fatal(err)
	}
	if s.broker.child == nil { // the consumer listens, each at the same address
		listener, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		s.broker.address = listener.Addr().String()
		_ = listener.Close()
	}
}

func (s *stage) killBroker() {
	if s.broker.child == nil {
		return
	}
	_ = s.broker.child.Process.Kill()
	_ = s.broker.child.Wait()
}

// replace kills who has a role, and starts another one.
func (s *stage) replace(t *testing.T, role string) {
	t.Helper()
	switch role {
	case results.RoleProducer:
		s.producer.kill()
		s.producer.start(t, s.broker.address)
	case results.RoleConsumer:
		s.consumer.kill()
		s.consumer.start(t, s.broker.address)
	default:
		s.killBroker()
		s.startBroker(t, s.broker.address)
		if !slices.Contains(s.engine.about.Survives, role) { // it has forgotten what the consumer made
			s.replace(t, results.RoleConsumer)
		}
	}
}

// lost waits until all that was confirmed has come, and returns how much has not, and how much
// came again: what a killed consumer had not acknowledged takes some time.
func (s *stage) lost(patience time.Duration) (lost, again int) {
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		quiet := time.Since(s.consumer.said.Last())
		lost, again = s.consumer.said.Against(s.producer.said.All())
		if lost == 0 || min(time.Since(begun), quiet) > patience {
			return lost, again
		}
	}
}

// Whose end a strategy says that it survives may be killed whenever: no message that was
// confirmed is lost. The others are killed as well, to see that the test does see losses.
func TestConfirmedMessagesSurviveKills(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no kill -9")
	}
	kills := killsEach
	if *record != "" {
		kills = killsRecorded
	}
	var all []programtest.Loss
	for _, e := range engines() {
		for _, role := range results.Roles() {
			t.Run(e.about.Name+"/"+role, func(t *testing.T) {
				if e.about.Unbuildable != "" {
					t.Skip(e.about.Unbuildable)
				}
				if role == results.RoleBroker && strings.HasPrefix(e.about.Name, "grpc-") {
					t.Skip("there is no broker")
				}
				survives := slices.Contains(e.about.Survives, role)
				if testing.Short() && e.about.Name != "jetstream" {
					t.Skip("the waits are long")
				}
				all = append(all, killAgainAndAgain(t, e, role, kills, survives))
			})
		}
	}
	programtest.Record(t, *record, all)
}

func killAgainAndAgain(t *testing.T, e engine, role string, kills int, survives bool) programtest.Loss {
	t.Helper()
	s := &stage{engine: e, dir: t.TempDir()}
	s.producer, s.consumer = &actor{role: results.RoleProducer, strategy: e.about.Name}, &actor{role: results.RoleConsumer, strategy: e.about.Name}
	s.startBroker(t, anyPort)
	defer func() { s.killBroker() }()
	s.consumer.start(t, s.broker.address) // it makes the stream that a producer sends to
	defer func() { s.consumer.kill() }()
	s.producer.start(t, s.broker.address)
	for range kills {
		s.awaitGoing(t)
		time.Sleep(time.Duration(rand.IntN(100)) * time.Millisecond)
		s.replace(t, role)
	}
	s.awaitGoing(t)
	s.producer.finish(t)
	patience := 300 * time.Millisecond
	if survives {
		patience = 3 * ackWithin
	}
	lost, again := s.lost(patience)
	confirmed := len(s.producer.said.All())
	c := programtest.Loss{Strategy: e.about.Name, Killed: role, Kills: kills, Confirmed: confirmed, Lost: lost, Again: again}
	t.Logf("%+v", c)
	if survives && lost > 0 {
		t.Errorf("%d of %d confirmed messages are lost", lost, confirmed)
	}
	return c
}

// awaitGoing waits until the producer and the consumer say more than they have.
func (s *stage) awaitGoing(t *testing.T) {
	t.Helper()
	for _, a := range []*actor{s.producer, s.consumer} {
		begun := time.Now()
		for !a.said.Last().After(begun) {
			if time.Since(begun) > 20*time.Second {
				t.Fatalf("the %s does not go on", a.role)
			}
			time.Sleep(time.Millisecond)
		}
	}
}
