package main

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/program"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// coreRoom is how many messages wait for the consumer if nothing else is asked for: as
// many as a subscription of the client has room for that is read one by one.
const coreRoom = 64 << 10

func natsCore() engine {
	return engine{
		about: results.Strategy{
			Name: "nats-core", Doc: "NATS without storage: what the consumer's subscription has no room for is dropped",
			Source: "https://docs.nats.io/nats-concepts/core-nats", Module: natsModule,
			Order: strategies.OrderPerProducer.String(), Bound: strategies.Total.String(), Wait: "parks in a channel",
			Policies: []string{strategies.DropNewest.String()}, Delivery: results.DeliveryAtMostOnce,
			Lacks: map[string]string{string(strategies.PromiseBound): "the broker and sockets hold more, as many bytes as they like"},
		},
		start: ofKind(coreKind), open: openCore,
		join: func(_ program.Setup, address string) (program.Producers, error) {
			conn, err := connect(address)
			return coreOutlet{conn}, err
		},
	}
}

// core is the consumer's end. The subscription is of a channel, for one that is read by
// NextMsg drops what is more than 65,536, whatever limits it is given.
type core struct {
	*broker
	*inbox[*nats.Msg]
	conn *nats.Conn
}

func openCore(s program.Setup, b *broker) (program.Queue, error) {
	q := &core{broker: b}
	room := coreRoom
	if s.Capacity > 0 {
		room = s.Capacity
	}
	q.inbox = newInbox(s, room, func(m *nats.Msg) []byte { return m.Data }, nil)
	q.settled = make(chan struct{}, 1)
	var err error
	if q.conn, err = connect(b.address); err != nil {
		return nil, err
	}
	if _, err := q.conn.ChanSubscribe(subject, q.deliveries); err != nil {
		return nil, fmt.Errorf("subscribing: %w", err)
	}
	return q, q.conn.Flush() // the broker knows of it before a producer joins
}

// Settle asks the broker for an answer. The broker has read all messages, for it has
// answered each producer after its last, and queued them for this connection as it did: so
// its answer comes behind them, and when it is here each is in the channel or dropped.
func (q *core) Settle() error {
	if err := q.conn.Flush(); err != nil {
		return fmt.Errorf("waiting for the last messages: %w", err)
	}
	q.settled <- struct{}{}
	return nil
}

func (q *core) Close() error {
	q.conn.Close()
	return q.end.Close()
}

// coreOutlet is the connection of a process of producers.
type coreOutlet struct{ conn *nats.Conn }

func (o coreOutlet) Sender(int) (program.Sender, error) { return o, nil } //nolint:unparam // the interface has it

// Send leaves a copy with the connection, which writes when it has many or a moment later.
// While the broker is gone it takes some MB, and then none. What it was writing when the
// broker went is lost as all is that was on its way: to send it again might be twice.
func (o coreOutlet) Send(message []byte) error {
	for begun := time.Now(); ; time.Sleep(reconnect) {
		err := o.conn.Publish(subject, message)
		var broken *net.OpError
		if errors.As(err, &broken) {
			return nil
		}
		if !errors.Is(err, nats.ErrReconnectBufExceeded) || time.Since(begun) > patience {
			return err
		}
	}
}

// Flush waits until the broker has read all messages.
func (o coreOutlet) Flush() error {
	err := o.conn.Flush()
	if errors.Is(err, nats.ErrTimeout) {
		return fmt.Errorf("the broker does not keep up: %w", err)
	}
	return err
}
