package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/program"
)

// brokerVerb has this program be a broker: "PATH broker KIND ADDRESS DIR".
const brokerVerb = "broker"

// anyPort is the address of a broker that is started for the first time.
const anyPort = "127.0.0.1:0"

// broker is a process that passes messages on.
type broker struct {
	child   *exec.Cmd // nil if there is none
	address string
	end     io.Closer // it ends when this is closed, and with this process
}

// kinds are what a broker can be: each returns what it listens on, and serves from then on.
var kinds = map[string]func(address, dir string) (string, error){
	coreKind: func(address, _ string) (string, error) { return startNATS(address, "", false) },
	fileKind: func(address, dir string) (string, error) { return startNATS(address, dir, false) },
	syncKind: func(address, dir string) (string, error) { return startNATS(address, dir, true) },
	fakeKind: startFake,
}

// starter starts a broker by what starts a process, and waits until it listens.
type starter func(start func(*exec.Cmd) error, address, dir string) (*broker, error)

// ofKind returns what has this program be a broker.
func ofKind(kind string) starter {
	return func(start func(*exec.Cmd) error, address, dir string) (*broker, error) {
		return startBroker(start, kind, address, dir)
	}
}

// direct is what starts none: the process of the consumer itself is what listens.
func direct(_ func(*exec.Cmd) error, address, _ string) (*broker, error) {
	return &broker{address: address}, nil
}

func startBroker(start func(*exec.Cmd) error, kind, address, dir string) (*broker, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	b := &broker{child: exec.Command(path, brokerVerb, kind, address, dir)}
	b.child.Stderr = os.Stderr
	if b.end, err = b.child.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := b.child.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := start(b.child); err != nil {
		return nil, fmt.Errorf("starting a broker: %w", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.New("starting a broker: it ended before it listened")
	}
	b.address = strings.TrimSpace(line)
	return b, nil
}

func (b *broker) Helpers() []int {
	if b.child == nil {
		return nil
	}
	return []int{b.child.Process.Pid}
}

// Invite tells the address.
func (b *broker) Invite() (program.Invitation, error) { //nolint:unparam // the interface has it
	return program.Invitation{Words: []string{b.address}}, nil
}

// splitAddress returns the host of an address, and the port: 0 if the system is to choose it.
func splitAddress(address string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	port, err = strconv.Atoi(text)
	return host, port, err
}

// serveBroker is the life of a broker: it ends with its input.
func serveBroker(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 3 || kinds[args[0]] == nil {
		return fmt.Errorf("it needs a kind, an address and a directory, not %q", args)
	}
	address, err := kinds[args[0]](args[1], args[2])
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, address); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}

// engines lists all.
func engines() []engine {
	return slices.Concat(natsEngines(), []engine{redisStreams(), kafkaFake()}, grpcEngines())
}

// engine is a kind of broker and how both ends use one.
type engine struct {
	about results.Strategy
	start starter
	open  func(program.Setup, *broker) (program.Queue, error) // finds what an earlier consumer made
	join  func(setup program.Setup, address string) (program.Producers, error)
}

// strategy returns what a trial sees of it.
func (e engine) strategy() program.Strategy {
	return program.Strategy{
		Strategy: e.about,
		Open: func(s program.Setup) (program.Queue, error) {
			b, err := e.start(s.Start, anyPort, s.Dir)
			if err != nil {
				return nil, err
			}
			return e.open(s, b)
		},
		Join: func(s program.Setup, invited program.Invitation) (program.Producers, error) {
			if len(invited.Words) != 1 {
				return nil, fmt.Errorf("an invitation has an address, not %q", invited.Words)
			}
			return e.join(s, invited.Words[0])
		},
	}
}
