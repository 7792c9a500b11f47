package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/program"
	"github.com/fanin-bench/fanin-bench/strategies"
)

const (
	fakeKind    = "kafka-fake"
	kafkaModule = "github.com/twmb/franz-go/pkg/kfake@v0.0.0-20260918054303-01f206a7e32c"
	// session is when a consumer that says nothing counts as gone.
	session = 2 * time.Second
	// beat is how often it says something, and tells how far it is.
	beat = 100 * time.Millisecond
)

// kafkaFake is franz-go with a fake of Kafka.
func kafkaFake() engine {
	return engine{
		about: results.Strategy{
			Name: "kafka-fake", Doc: "franz-go to a fake of Kafka, one partition in a file: a client sends many messages at once",
			Source: "https://github.com/twmb/franz-go/tree/master/pkg/kfake", Module: kafkaModule,
			Order: strategies.OrderPerProducer.String(), Bound: strategies.Unbounded.String(), Wait: "parks in a channel",
			Delivery: results.DeliveryAtLeastOnce, Survives: []string{results.RoleConsumer, results.RoleBroker},
		},
		start: ofKind(fakeKind), open: openKafka, join: joinKafka,
	}
}

// startFake starts a fake of one broker in this process, which keeps its files in a directory.
func startFake(address, dir string) (string, error) {
	_, port, err := splitAddress(address)
	if err != nil {
		return "", err
	}
	fake, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(port), kfake.DataDir(dir), kfake.SeedTopics(1, subject),
		kfake.GroupMinSessionTimeout(session))
	if err != nil {
		return "", fmt.Errorf("starting a fake of Kafka: %w", err)
	}
	return fake.ListenAddrs()[0], nil
}

// partition is the consumer's end.
type partition struct {
	*broker
	client  *kgo.Client
	setup   program.Setup
	records []*kgo.Record
}

func openKafka(s program.Setup, b *broker) (program.Queue, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(b.address), kgo.ConsumeTopics(subject), kgo.ConsumerGroup(group),
		kgo.InstanceID(durable), kgo.SessionTimeout(session), kgo.HeartbeatInterval(beat),
		kgo.AutoCommitMarks(), kgo.AutoCommitInterval(beat), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.RetryBackoffFn(func(int) time.Duration { return reconnect }))
	if err != nil {
		return nil, fmt.Errorf("connecting with the broker: %w", err)
	}
	return &partition{broker: b, client: client, setup: s}, nil
}

// Recv hands over what has come, as much as a receive may. What was handed over is marked,
// and the client commits what is marked in the background: after a sudden end it comes again
// from the last commit on.
func (q *partition) Recv(visit func([]byte)) (int, error) {
	for begun := time.Now(); len(q.records) == 0; {
		fetched := q.client.PollRecords(context.Background(), max(ahead, q.setup.RecvBatch))
		q.records = fetched.Records()
		if err := fetched.Err(); err != nil && len(q.records) == 0 && time.Since(begun) > patience {
			return 0, fmt.Errorf("receiving from Kafka: %w", err)
		}
	}
	n := min(len(q.records), q.setup.RecvBatch)
	for _, record := range q.records[:n] {
		visit(record.Value)
	}
	q.client.MarkCommitRecords(q.records[n-1])
	q.records = q.records[n:]
	return n, nil
}

func (q *partition) Close() error {
	q.client.CloseAllowingRebalance()
	return q.end.Close()
}

// recorder is the client of a process of producers.
type recorder struct {
	client *kgo.Client
	failed *atomic.Pointer[error]
}

func joinKafka(_ program.Setup, address string) (program.Producers, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.DefaultProduceTopic(subject), kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProducerLinger(0), kgo.RecordDeliveryTimeout(patience), kgo.RetryBackoffFn(func(int) time.Duration { return reconnect }))
	if err != nil {
		return nil, fmt.Errorf("connecting with the broker: %w", err)
	}
	return recorder{client, new(atomic.Pointer[error])}, nil
}

func (r recorder) Sender(int) (program.Sender, error) { return r, nil } //nolint:unparam // the interface has it

// Send leaves a copy with the client, which sends what has gathered during the request
// before. It waits while some ten thousand wait.
func (r recorder) Send(message []byte) error {
	r.client.Produce(context.Background(), &kgo.Record{Value: slices.Clone(message)}, func(_ *kgo.Record, err error) {
		if err != nil {
			r.failed.CompareAndSwap(nil, &err)
		}
	})
	return r.err()
}

// Flush waits until the broker has all.
func (r recorder) Flush() error { return errors.Join(r.client.Flush(context.Background()), r.err()) }

func (r recorder) err() error {
	if err := r.failed.Load(); err != nil {
		return fmt.Errorf("sending to Kafka: %w", *err)
	}
	return nil
}
