package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/program"
	"github.com/fanin-bench/fanin-bench/strategies"
)

const (
	grpcModule  = "google.golang.org/grpc@v1.85.0"
	serviceName = "fanin.Messages"
	methodName  = "Send"
	// framesAhead is how many frames are read before the consumer wants them.
	framesAhead = 64
)

// grpcEngines lists what goes from the producers' processes to the consumer's by gRPC.
func grpcEngines() []engine {
	about := results.Strategy{
		Source: "https://grpc.io/docs/what-is-grpc/core-concepts/#client-streaming-rpc", Module: grpcModule,
		Order: strategies.OrderPerProducer.String(), Bound: strategies.Total.String(), Wait: "parks in a channel",
		Policies: []string{strategies.Block.String()}, Delivery: results.DeliveryAtMostOnce,
		Lacks: map[string]string{string(strategies.PromiseBound): "gRPC buffers bytes, as many as its windows let it"},
	}
	each, batched := about, about
	each.Name, each.Doc = "grpc-each", "a stream of gRPC per producer; each message is a frame"
	batched.Name, batched.Doc = "grpc-batched", "a stream of gRPC per process; what is sent during a frame goes with the next"
	return []engine{
		{about: each, start: direct, open: serveStreams, join: func(_ program.Setup, address string) (program.Producers, error) {
			return dialStreams(address)
		}},
		{about: batched, start: direct, open: serveStreams, join: func(s program.Setup, address string) (program.Producers, error) {
			conn, err := dialStreams(address)
			if err != nil {
				return nil, err
			}
			sender, err := conn.open()
			if err != nil {
				return nil, err
			}
			return newPacker(s, sender.Send), nil
		}},
	}
}

// frame is the codec of what is bytes already.
type frame struct{}

// Marshal copies: the transport writes after the call has returned.
func (frame) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.Copy(v.([]byte), mem.DefaultBufferPool())}, nil
}

func (frame) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

func (frame) Name() string { return "frame" }

// served is the consumer's end: a server.
type served struct {
	*broker // tells the address
	*inbox[[]byte]
	server *grpc.Server
	over   chan struct{}
}

func serveStreams(s program.Setup, b *broker) (program.Queue, error) {
	listener, err := net.Listen("tcp", b.address)
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	b.address = listener.Addr().String()
	q := &served{
		broker: b, inbox: newInbox(s, framesAhead, func(frame []byte) []byte { return frame }, nil), over: make(chan struct{}),
		server: grpc.NewServer(grpc.ForceServerCodecV2(frame{}), grpc.MaxRecvMsgSize(packBytes+s.Payload)),
	}
	q.server.RegisterService(&grpc.ServiceDesc{ServiceName: serviceName, HandlerType: (*any)(nil), Streams: []grpc.StreamDesc{
		{StreamName: methodName, ClientStreams: true, Handler: func(_ any, stream grpc.ServerStream) error { return q.take(stream) }},
	}}, q)
	go q.server.Serve(listener) //nolint:errcheck // it ends with Close
	return q, nil
}

// take hands over what a stream brings. While the consumer does not want it, the window of
// the stream fills.
func (q *served) take(stream grpc.ServerStream) error {
	for {
		var frame []byte
		if err := stream.RecvMsg(&frame); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		select {
		case q.deliveries <- frame:
		case <-q.over:
			return nil
		}
	}
}

func (q *served) Close() error {
	close(q.over)
	q.server.Stop()
	return nil
}

// streams is the connection of a process of producers.
type streams struct{ conn *grpc.ClientConn }

func dialStreams(address string) (streams, error) {
	conn, err := grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(frame{})))
	if err != nil {
		return streams{}, fmt.Errorf("joining: %w", err)
	}
	return streams{conn}, nil
}

// Sender opens a stream.
func (s streams) Sender(int) (program.Sender, error) { return s.open() }

func (s streams) open() (streamSender, error) {
	stream, err := s.conn.NewStream(context.Background(), &grpc.StreamDesc{ClientStreams: true}, "/"+serviceName+"/"+methodName, grpc.WaitForReady(true))
	if err != nil {
		return streamSender{}, fmt.Errorf("joining: %w", err)
	}
	return streamSender{stream}, nil
}

// streamSender is a stream.
type streamSender struct{ stream grpc.ClientStream }

// Send leaves a frame with the transport, and waits while the windows are full.
func (s streamSender) Send(message []byte) error { return s.stream.SendMsg(message) }
