package program

import (
	"os"
	"os/exec"

	"github.com/fanin-bench/fanin-bench/results"
)

// Strategy is a strategy of a program.
type Strategy struct {
	// Strategy is what the program says of it when it is asked: at least a name, a doc,
	// an order, a bound and how it waits. Under Delivery at least once, or confirmed, a
	// message may come twice or late; under any other that fails the trial.
	results.Strategy

	// Open opens a fan-in in the process of the trial, which is the consumer's.
	Open func(Setup) (Queue, error)
	// Join connects a process of producers with a fan-in that another process opened;
	// what it gets is that one's invitation. Nil: the producers are in the consumer's
	// process, and Queue is a Producers, too.
	Join func(Setup, Invitation) (Producers, error)
}

// Setup is what both ends know before they begin.
type Setup struct {
	Producers int // in all processes together
	Payload   int // bytes of each message
	Capacity  int // messages; 0: the strategy's own
	RecvBatch int // messages that a receive hands over at most
	Dir       string

	// Start starts a process that helps the fan-in. It ends with the trial, however that
	// ends, and before Dir is removed. It is there for Open alone.
	Start func(*exec.Cmd) error `json:"-"`
}

// Queue is the consumer's end, for one goroutine.
type Queue interface {
	// Recv waits for at least one message and hands each that it receives to visit, which
	// keeps none, and returns how many there were.
	Recv(visit func(message []byte)) (int, error)
	// Close ends it; whoever sends may fail then.
	Close() error
}

// Inviting is a Queue that producers of other processes can join.
type Inviting interface {
	Queue
	// Invite returns what a process needs to know to join. It is called once for each.
	Invite() (Invitation, error)
}

// Helped is a Queue that has processes beside those of the producers and the consumer.
type Helped interface {
	Helpers() []int // their ids: their role is that of brokers
}

// Dropping is a Queue that may drop messages that were sent.
type Dropping interface {
	// Settle is called, beside Recv, when all sends of a round have returned and been
	// flushed. From then on Recv hands over what is left, and after that returns 0 once:
	// what it has not handed over until then was dropped.
	Settle() error
}

// Invitation is what a process of producers gets from the consumer's.
type Invitation struct {
	Words []string   // as it sees fit: addresses, sizes
	Files []*os.File // to inherit; the process of the consumer keeps its own
}

// Producers are those of one process.
type Producers interface {
	// Sender returns the sender of a producer, by its number among all of all processes.
	// It is called once for each, before any of them sends.
	Sender(producer int) (Sender, error)
}

// Flushing is Producers whose sends return before the messages are on their way.
type Flushing interface {
	// Flush waits until they are, at the end of a round.
	Flush() error
}

// Sender is the end of one producer, for one goroutine.
type Sender interface {
	// Send sends a message, whose bytes are the caller's again when it returns. It waits
	// for room, and for what the strategy calls a confirmation, if it does.
	Send(message []byte) error
}
