package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/program"
	"github.com/fanin-bench/fanin-bench/strategies"
)

const (
	redisServer = "redis-server"
	redisModule = "github.com/redis/go-redis/v9@v9.23.0"
	stream      = "messages"
	group       = "consumers"
	field       = "m" // of an entry of the stream, the only one
	// readCount is how many entries a read asks for at least: what the consumer takes one by
	// one is not read so.
	readCount = 128

	fromPending = "0" // what was delivered to this consumer, or one before it, and not acknowledged
	fromNew     = ">"
)

// redisStreams is a stream of Redis, with a group of one consumer.
func redisStreams() engine {
	e := engine{
		about: results.Strategy{
			Name: "redis-stream", Doc: "a stream of Redis, its log synced each second: each message is confirmed and acknowledged",
			Source: "https://redis.io/docs/latest/develop/data-types/streams/", Module: redisModule,
			Order: strategies.OrderPerProducer.String(), Bound: strategies.Unbounded.String(), Wait: "parks in the poller",
			Delivery: results.DeliveryConfirmed, Survives: results.Roles(),
		},
		start: startRedis, open: openRedis,
		join: func(s program.Setup, address string) (program.Producers, error) {
			return newPacker(s, addEach(connectRedis(address), s.Payload)), nil
		},
	}
	if _, err := exec.LookPath(redisServer); err != nil {
		e.about.Unbuildable = redisServer + " is not on PATH"
	}
	return e
}

// startRedis starts a server that listens on a socket in its directory. Its log is what it
// begins from when it is started again.
func startRedis(start func(*exec.Cmd) error, _, dir string) (*broker, error) {
	address := filepath.Join(dir, "redis.sock")
	b := &broker{address: address, child: exec.Command(redisServer,
		"--port", "0", "--unixsocket", address, "--dir", dir, "--daemonize", "no", "--loglevel", "warning",
		"--save", "", "--appendonly", "yes", "--appendfsync", "everysec", "--no-appendfsync-on-rewrite", "no")}
	b.child.Stderr = os.Stderr
	if err := start(b.child); err != nil {
		return nil, fmt.Errorf("starting a broker: %w", err)
	}
	b.end = ending{b.child.Process}
	client := connectRedis(address)
	defer client.Close() //nolint:errcheck // it has only asked
	return b, persist(startWithin, func() error { return client.Ping(context.Background()).Err() })
}

// ending ends a process that does not end with its input.
type ending struct{ process *os.Process }

func (e ending) Close() error { return e.process.Kill() }

// connectRedis returns a client that leaves it to its user to try again, and that waits for
// an answer for as long as the connection stands.
func connectRedis(address string) *redis.Client {
	return redis.NewClient(&redis.Options{
		Network: "unix", Addr: address, MaxRetries: -1, ReadTimeout: -1, WriteTimeout: -1, DisableIdentity: true, Protocol: 2,
	})
}

// persist calls what may fail while the broker is gone, until it succeeds or patience ends.
// What the broker refuses is not tried again, but that it is still reading its log.
func persist(patience time.Duration, call func() error) error {
	for begun := time.Now(); ; time.Sleep(reconnect) {
		err := call()
		var refused redis.Error
		switch {
		case err == nil:
			return nil
		case errors.As(err, &refused) && !strings.HasPrefix(refused.Error(), "LOADING"), time.Since(begun) > patience:
			return fmt.Errorf("asking Redis: %w", err)
		}
	}
}

// entries is the consumer's end.
type entries struct {
	*broker
	setup  program.Setup
	client *redis.Client

	from     string           // what the next read asks for
	read     []redis.XMessage // and not handed over
	received []string         // their ids, and those of what was handed over, to acknowledge
}

// openRedis makes the stream and its group, or finds them where the broker was started again.
func openRedis(s program.Setup, b *broker) (program.Queue, error) {
	q := &entries{broker: b, setup: s, client: connectRedis(b.address), from: fromPending}
	err := persist(patience, func() error {
		err := q.client.XGroupCreateMkStream(context.Background(), stream, group, "0").Err()
		if err != nil && strings.HasPrefix(err.Error(), "BUSYGROUP") {
			return nil
		}
		return err
	})
	return q, err
}

// Recv hands over what was read, and reads when that is nothing.
func (q *entries) Recv(visit func([]byte)) (int, error) {
	for len(q.read) == 0 {
		if err := persist(patience, q.next); err != nil {
			return 0, err
		}
	}
	n := min(len(q.read), q.setup.RecvBatch)
	for _, entry := range q.read[:n] {
		message, is := entry.Values[field].(string)
		if !is {
			return 0, fmt.Errorf("the entry %s of the stream is no message", entry.ID)
		}
		visit([]byte(message))
	}
	q.read = q.read[n:]
	return n, nil
}

// next acknowledges all of the read before, removes it, so that memory and disk hold the
// backlog and no more, and reads on, in one exchange. After one that failed nobody knows
// what this consumer was given: it begins with that.
func (q *entries) next() error {
	var reading *redis.XStreamSliceCmd
	_, err := q.client.Pipelined(context.Background(), func(p redis.Pipeliner) error {
		if len(q.received) > 0 {
			p.XAck(context.Background(), stream, group, q.received...)
			p.XDel(context.Background(), stream, q.received...)
		}
		reading = p.XReadGroup(context.Background(), &redis.XReadGroupArgs{
			Group: group, Consumer: durable, Streams: []string{stream, q.from}, Count: int64(max(readCount, q.setup.RecvBatch)), Block: 0,
		})
		return nil
	})
	if err != nil {
		q.from = fromPending
		return err
	}
	q.received = q.received[:0]
	for _, s := range reading.Val() {
		q.read = s.Messages
	}
	for _, entry := range q.read {
		q.received = append(q.received, entry.ID)
	}
	if len(q.read) == 0 {
		q.from = fromNew
	}
	return nil
}

func (q *entries) Close() error { return errors.Join(q.client.Close(), q.end.Close()) }

// addEach returns what adds each message of a pack to the stream, all in one exchange, and
// returns when the broker has them in its log. What was not confirmed is sent again, and may
// be there twice.
func addEach(client *redis.Client, size int) func(pack []byte) error {
	return func(pack []byte) error {
		return persist(patience, func() error {
			_, err := client.Pipelined(context.Background(), func(p redis.Pipeliner) error {
				for message := range slices.Chunk(pack, size) {
					p.XAdd(context.Background(), &redis.XAddArgs{Stream: stream, Values: []any{field, message}})
				}
				return nil
			})
			return err
		})
	}
}
