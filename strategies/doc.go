// Package strategies holds ways to fan in: many producing goroutines feed one
// consuming goroutine. All are generic over the item type, depend on the standard
// library only and keep one contract, so changing one for another is changing a
// constructor. Import this package to use one in a program, and package conformance
// to test a queue of your own.
//
// # Which one
//
// Where order per producer is enough, use
//
//   - [NewLanesRing] if memory needs a limit,
//   - [NewLanesLinked] if a send must never wait.
//
// Where the order must be global, use
//
//   - [NewMPSCRing] if all producers share one bound,
//   - [NewMPSCLinked] if a send must never wait,
//   - [NewChan] if the rate is moderate.
//
// For other needs, use
//
//   - [NewWeighted] over any of them if the bound must be in bytes, or in whatever a function
//     of the item counts,
//   - [NewSemaphore] if the bound must cover the work in progress,
//   - [NewChanUnbuffered] if a send must mean that the consumer has the item,
//   - [NewChanBatch] if a channel costs too much per item.
//
// [NewLanes] and [NewMutexSwap] are published designs. [NewMutexCond],
// [NewChanBare], [NewChanUnbounded], [NewChanMerge] and [NewChanSelect] are what people
// write by hand. They are here for comparison. A [Batcher] over the consumer of any of them
// collects up to a number of items or a deadline, for handlers that like full batches.
//
// Where goroutines come and go, one for each request, none of them need open anything: a
// [Sender] over any of these is for all of them at once, and costs little more.
//
// A [Reader] over any consumer takes one item at a time, or in a loop that may break and
// go on, and a [Writer] over any producer collects what it sends.
//
// What a fan-in or its consumer may have beyond the contract is an interface that a
// program asks for by a type assertion. All of this package have all of it, but where
// [Descriptor.Without] says why not:
//
//   - [Stopper]: the consumer ends the fan-in and still receives what was accepted,
//   - [Readier]: the consumer waits in a select, for a ticker and a context as well,
//   - [DropObserver]: what a policy drops is not lost to the program (see [OnDrop]),
//   - [StatsKeeper]: the fan-in tells what it has counted. The module strategies/observe
//     publishes that to expvar, Prometheus and OpenTelemetry,
//   - [WaitTimer]: the fan-in times how long sends wait for room, for its Stats.
//
// The command fanin-bench measures them all: "fanin-bench recommend" answers for one
// workload.
//
// # Example
//
//	// collect has workers send what they are given, and hands all of it to one handler.
//	func collect(work <-chan Event, workers int, handle func([]Event) error) error {
//		f := strategies.NewLanesRing[Event](strategies.Options{})
//		c := f.Consumer()
//		defer c.Close() // if handle fails, sends return ErrClosed, waiting ones too
//
//		// The fan-in ends with its last open producer, so one stays open until all
//		// workers have theirs: the first may be done before the second is begun.
//		keeper := f.Producer()
//		for range workers {
//			p := f.Producer() // one per sending goroutine
//			go func() {
//				defer p.Close()
//				for event := range work {
//					if err := p.Send(event); err != nil {
//						return // ErrClosed: nobody receives any more, event is not delivered
//					}
//				}
//			}()
//		}
//		keeper.Close()
//		return receive(c, handle)
//	}
//
//	// receive hands over items until every producer has closed and all is received.
//	func receive(c strategies.Consumer[Event], handle func([]Event) error) error {
//		buf := make([]Event, 256)
//		for {
//			n, err := c.Recv(buf) // waits for at least one item
//			if err == io.EOF {
//				return nil
//			}
//			if err == nil {
//				err = handle(buf[:n])
//			}
//			if err != nil {
//				return err
//			}
//		}
//	}
//
// A program that is told to stop has its producers close and receives until io.EOF:
// see the example named Stop. Where nobody knows them all, the consumer stops the fan-in:
// see [Stopper].
//
// # The contract
//
// Every strategy promises the following, by these names. A [Descriptor] states
// what it adds (global order, a bound, overflow policies) and, for [NewChanBare] and
// adapters over other people's queues only, what it lacks. Package conformance tests each
// promise.
//
//  1. exactly-once: an item whose send returned nil, and that no policy dropped,
//     is received once and only once; one whose send returned an error never.
//     attempted = delivered + dropped + rejected holds for each producer.
//  2. intact: an item arrives as it was sent, and what the sender wrote before
//     sending is visible to whoever received it (the send happens before the
//     receive, in the words of the Go memory model).
//  3. order: the items of one producer arrive in the order sent; with
//     [OrderGlobal] so do those of different producers whose sends did not
//     overlap.
//  4. drain: after the last open producer closed, the consumer still receives
//     everything, then io.EOF, and io.EOF again. Not before, and whatever the
//     close races with. Closing twice is harmless.
//  5. consumer-close: after the consumer closed, sends return [ErrClosed] at
//     once, also to those already blocked.
//  6. no-leak: no goroutine of the fan-in outlives its producers' closing and
//     the drain, or its producers' closing and the consumer's.
//  7. bound: the backlog never exceeds the capacity of a bounded strategy; with
//     [InFlight] nor does it together with what the consumer works on, and a
//     [Rendezvous] has none.
//  8. overflow: each offered [Policy] does what it says; dropped items are
//     counted against the producer that sent them.
//  9. wake: a waiting consumer is woken by the next send, a waiting producer by
//     the next room, in every interleaving.
//  10. park: who waits is parked. An idle fan-in uses no CPU.
//  11. try: the Try variants never wait.
//  12. batch: a batch is equal to its items sent one by one, and an empty one
//     is nothing: it wakes nobody.
//  13. context: the Context variants return when the context is done, and lose
//     nothing.
//  14. backlog: Backlog can be read by anyone at any time.
//  15. no-alloc: in steady state no send or receive allocates.
//  16. shrink: memory and time follow what is open and waiting now, never what
//     once was. Within a second of a backlog being gone, whatever the consumer
//     does meanwhile, at most an eighth of it is kept; a producer that has closed
//     and been drained, and what was not received when the consumer closes, can
//     be collected at once.
//  17. prompt: beside goroutines that compute, an item is received within a small
//     multiple of the time that a channel takes there.
//  18. close: Close of either end may come from any goroutine, and releases who
//     waits in a send or a receive of that end.
//  19. misuse: wrong use fails at once and says why. Constructors panic where
//     [Options.Validate] has something to say, as make(chan T, -1) does; a nil
//     context panics.
//
// What a [Sender] sends keeps all of these, with the Sender as one producer, but for its
// order: see [Descriptor.SenderOrder].
//
// A Producer, and the Consumer, belong to one goroutine at a time, Close
// excepted.
//
// The promise of stability in CHANGELOG.md covers this package.
package strategies
