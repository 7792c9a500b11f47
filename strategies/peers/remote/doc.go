// Command remote is a program for `fanin-bench run --program`: fan-ins whose producers are
// in other processes, beside references within one that carry the same bytes.
//
//   - bytes-chan, bytes-lanes-ring and bytes-ring stay in the process: a Go channel of byte
//     slices, the strategy lanes-ring of them, and the ring below in ordinary memory.
//   - remote-shm is a ring for each producer in memory that the processes share. Who has
//     nothing to do sleeps on a futex in it; with remote-shm-poll everybody polls.
//   - remote-unix and remote-tcp are a socket for each process of producers. What its
//     producers send while a write is under way goes with the next; with -each every
//     message is a write of its own.
//
// # Sudden ends
//
// A message whose Send returned is safe in shared memory, because that outlives each
// process that maps it as long as one has it open: who starts producers and consumers
// again has to keep the file. The consumer takes a message out only after it was handed
// over, so that its successor sees the last ones twice. What is on its way through a
// socket, or in a buffer before it, ends with the process that holds it. None of this is
// about the machine: memory does not survive that.
//
// # Why atomics work in shared memory
//
// Go's memory model speaks of the goroutines of one process. Package sync/atomic is, on
// each processor that Go compiles to, instructions of that processor on an address, which
// hold for all that it shares the memory with: the kernel maps the same page into both
// processes, caches are coherent by physical address, and the instructions are the
// sequentially consistent ones. An atomic of 64 bits that is aligned to 8 is one
// instruction, never a lock of the process. The compiler cannot know of the other
// process, and does not need to: it moves no access across an atomic one. So between
// processes there is what there is between goroutines: a message is copied before the
// store of tail that publishes it, and read after the load that has seen it; a store to
// asleep comes before the look for messages, and a store of tail before the look at asleep,
// so that one of the two sees the other. The model of
// this is strategies/model/shm.pml.
package main
