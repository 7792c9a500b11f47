// Command brokers is a program for `fanin-bench run --program`: fan-ins through a broker,
// which is a process of its own beside those of the producers and that of the consumer, and
// by gRPC, which has none. What listens does so on the loopback, on a port that the system
// chooses, or on a socket in the directory of the trial, where a broker keeps its files, too.
//
//   - nats-core is NATS without memory: who is too slow loses. A message that the
//     subscription of the consumer has no room for is dropped, and counted.
//   - jetstream has each message stored and confirmed, under an id that makes sending it again
//     harmless, and kept until the consumer has acknowledged it. jetstream-memory stores in
//     memory, jetstream-sync has the file synced each time.
//   - jetstream-packed makes one message of a broker's from all that its producers send
//     while the one before is being confirmed.
//   - redis-stream has each message in the log of a redis-server, confirmed, and there until
//     the consumer has acknowledged it.
//   - kafka-fake is the client franz-go with kfake, a fake of Kafka with a log in a file. Its
//     sends return before the message is on its way.
//   - grpc-each is a stream per producer to a server in the process of the consumer,
//     grpc-batched one per process, on which what is sent during a frame goes with the next.
//
// # Sudden ends
//
// The tests kill producer, broker and consumer with kill -9 and start them again. What a broker has
// written to its files is then in the memory of the system, which outlives the process:
// no kill tells whether it was synced to the disk. For that a machine must lose its power.
package main
