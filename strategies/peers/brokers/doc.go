// Command brokers is a program for `fanin-bench run --program`: fan-ins through a broker,
// which is a process of its own beside those of the producers and that of the consumer.
// It listens on the loopback, on a port that the system chooses, and keeps its files in
// the directory of the trial.
//
//   - nats-core is NATS without memory: who is too slow loses. A message that the
//     subscription of the consumer has no room for is dropped, and counted.
//   - jetstream has each message stored before its send returns, under an id that makes
//     sending it again harmless, and kept until the consumer has acknowledged it.
//     jetstream-memory stores in memory, jetstream-sync has the file synced each time.
//   - jetstream-packed makes one message of a broker's from all that its producers send
//     while the one before is being confirmed. Its sends return before that.
//
// # Sudden ends
//
// The tests kill each of the three with kill -9 and start it again. What a broker has
// written to its files is then in the memory of the system, which outlives the process:
// no kill tells whether it was synced to the disk. For that a machine must lose its power.
package main
