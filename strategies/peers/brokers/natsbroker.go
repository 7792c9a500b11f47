package main

import (
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Kinds of brokers.
const (
	coreKind = "nats"
	fileKind = "jetstream"
	syncKind = "jetstream-sync"
)

const (
	subject     = "messages"
	startWithin = 10 * time.Second
	reconnect   = 10 * time.Millisecond // between attempts
)

// startNATS starts a server in this process; with a directory it stores messages there.
func startNATS(address, dir string, syncAlways bool) (string, error) {
	host, port, err := splitAddress(address)
	if err != nil {
		return "", err
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	s, err := server.NewServer(&server.Options{
		Host: host, Port: port, NoSigs: true, NoLog: true, JetStream: dir != "", StoreDir: dir, SyncAlways: syncAlways,
	})
	if err != nil {
		return "", err
	}
	go s.Start()
	if !s.ReadyForConnections(startWithin) {
		return "", fmt.Errorf("it does not listen on %s after %v", address, startWithin)
	}
	return s.Addr().String(), nil
}

// connect connects with a server, and again whenever that is gone.
func connect(address string) (*nats.Conn, error) {
	conn, err := nats.Connect("nats://"+address, nats.MaxReconnects(-1), nats.ReconnectWait(reconnect), nats.ReconnectJitter(0, 0),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})) // calls return what matters; a slow consumer is counted
	if err != nil {
		return nil, fmt.Errorf("connecting with the broker: %w", err)
	}
	return conn, nil
}
