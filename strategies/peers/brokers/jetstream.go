package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/program"
	"github.com/fanin-bench/fanin-bench/strategies"
)

const (
	natsModule = "github.com/nats-io/nats-server/v2@v2.15.2"
	streamName = "fanin"
	durable    = "consumer"

	// answerWithin is when a message counts as not stored, and is sent again: a broker that
	// was killed does not answer what it had read.
	answerWithin = time.Second
	// patience is when a broker that does not answer is given up.
	patience = 30 * time.Second
	// ackWithin is when a message that was not acknowledged is delivered again, and when one of
	// many that were sent together counts as not stored, if the connection still stands.
	ackWithin = 5 * time.Second
	// ahead is how many deliveries the consumer's client asks for before they are wanted.
	ahead = 1024
)

// natsEngines lists what goes through a NATS server.
func natsEngines() []engine {
	file := storing{kind: fileKind, storage: jetstream.FileStorage}
	synced := storing{kind: syncKind, storage: jetstream.FileStorage}
	memory := storing{kind: fileKind, storage: jetstream.MemoryStorage}
	packed := storing{kind: fileKind, storage: jetstream.FileStorage, packs: true}
	return []engine{
		natsCore(),
		file.engine("jetstream", "JetStream, in a file: each message is stored, confirmed and acknowledged", results.Roles()...),
		synced.engine("jetstream-sync", "JetStream, in a file that is synced before each confirmation", results.Roles()...),
		memory.engine("jetstream-memory", "JetStream, in memory: each message is stored, confirmed and acknowledged", results.RoleProducer, results.RoleConsumer),
		packed.engine("jetstream-packed", "JetStream, in a file: what is sent during a confirmation goes as one message", results.RoleConsumer, results.RoleBroker),
	}
}

// storing is a way to use JetStream.
type storing struct {
	kind    string
	storage jetstream.StorageType
	packs   bool
}

func (u storing) engine(name, doc string, survives ...string) engine {
	e := engine{
		about: results.Strategy{
			Name: name, Doc: doc, Source: "https://docs.nats.io/nats-concepts/jetstream", Module: natsModule,
			Order: strategies.OrderPerProducer.String(), Bound: strategies.Unbounded.String(), Wait: "parks in a channel",
			Delivery: results.DeliveryConfirmed, Survives: survives,
		},
		start: ofKind(u.kind), open: u.open, join: u.join,
	}
	if u.packs {
		e.about.Delivery = results.DeliveryAtLeastOnce
	}
	return e
}

func (u storing) join(s program.Setup, address string) (program.Producers, error) {
	conn, err := connect(address)
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(conn, jetstream.WithDefaultTimeout(answerWithin),
		jetstream.WithPublishAsyncTimeout(ackWithin), jetstream.WithPublishAsyncMaxPending(packBytes))
	if err != nil {
		return nil, err
	}
	if u.packs {
		number := 0
		return newPacker(s, func(pack []byte) error {
			number++
			return publish(js, pack, fmt.Sprintf("%d-%d", os.Getpid(), number))
		}), nil
	}
	return newPacker(s, sendEach(js, s.Payload)), nil
}

// storage is the consumer's end.
type storage struct {
	*broker
	*inbox[jetstream.Msg]
	conn     *nats.Conn
	consumes jetstream.ConsumeContext
}

// open makes the stream, or finds it where the broker was started again.
func (u storing) open(s program.Setup, b *broker) (program.Queue, error) {
	q := &storage{broker: b, inbox: newInbox(s, ahead, jetstream.Msg.Data, jetstream.Msg.Ack)}
	var err error
	if q.conn, err = connect(b.address); err != nil {
		return nil, err
	}
	js, err := jetstream.New(q.conn)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	// What was acknowledged is removed, so that the disk holds the backlog and no more.
	_, err = js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: streamName, Subjects: []string{subject}, Storage: u.storage, Retention: jetstream.WorkQueuePolicy,
	})
	if err != nil {
		return nil, fmt.Errorf("making a stream: %w", err)
	}
	consumer, err := js.CreateOrUpdateConsumer(ctx, streamName, jetstream.ConsumerConfig{
		Durable: durable, AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWithin, MaxAckPending: -1,
	})
	if err != nil {
		return nil, fmt.Errorf("making a consumer: %w", err)
	}
	q.consumes, err = consumer.Consume(func(m jetstream.Msg) { q.deliveries <- m }, jetstream.PullMaxMessages(ahead))
	if err != nil {
		return nil, fmt.Errorf("consuming: %w", err)
	}
	return q, nil
}

func (q *storage) Close() error {
	q.consumes.Stop()
	q.conn.Close()
	return q.end.Close()
}

// sendEach returns what sends each message of a pack by itself, and returns when all are
// stored. The id of a message is how it begins: whose it is and which.
func sendEach(js jetstream.JetStream, size int) func(pack []byte) error {
	id := func(message []byte) string { return hex.EncodeToString(message[:8]) }
	var sent []jetstream.PubAckFuture
	return func(pack []byte) error {
		sent = sent[:0]
		for message := range slices.Chunk(pack, size) {
			future, err := js.PublishAsync(subject, message, jetstream.WithMsgID(id(message)))
			if err != nil {
				break // what is left is sent below
			}
			sent = append(sent, future)
		}
		i := 0
		for message := range slices.Chunk(pack, size) {
			if i >= len(sent) || !stored(sent[i]) {
				if err := publish(js, message, id(message)); err != nil {
					return err
				}
			}
			i++
		}
		return nil
	}
}

// stored waits for the answer of the broker.
func stored(sent jetstream.PubAckFuture) bool {
	select {
	case <-sent.Ok():
		return true
	case err := <-sent.Err():
		return err == nil
	}
}

// publish sends until the broker says that it has it. The id has it keep one of those that it
// got because a confirmation was lost on the way.
func publish(js jetstream.JetStream, data []byte, id string) error {
	for begun := time.Now(); ; {
		_, err := js.Publish(context.Background(), subject, data, jetstream.WithMsgID(id))
		if err == nil {
			return nil
		}
		var refused *jetstream.APIError
		if errors.As(err, &refused) || errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, nats.ErrConnectionClosed) || time.Since(begun) > patience {
			return fmt.Errorf("sending to JetStream: %w", err)
		}
	}
}
