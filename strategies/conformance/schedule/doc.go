// Package schedule writes operations on a fan-in as a text that can be run again:
//
//	strategy lanes-ring
//	capacity 2
//	policy drop-oldest
//	seed 7
//	breaks overflow: p0 counts 0 dropped items instead of 1
//	p0 Open
//	p0 SendBatch 3
//	c Recv 4
//	p0 Close
//
// The header names the strategy and its options: capacity, policy and lanes, those of
// the constructor where they are missing. "breaks" says which promise broke and how, when
// the schedule was found. "#" begins a comment.
//
// Each other line is one operation of producer 0, 1, ... (p0, p1) or of the consumer (c).
// Operations have the names of Go's methods. Open opens the producer. Cancel ends the
// context of the call that waits, or, if none does, of the next call that takes one.
// Batches and receives take the number of items. A Close or a Cancel may come while the
// same producer, or the consumer, waits in another call.
//
// After the last line all producers close and the consumer receives, 16 at a time, to
// the end.
//
// # Sequential
//
// One operation follows the other. A call that the contract lets wait stays where it is,
// parked, while the following lines are run, until one of them makes room, sends an
// item or closes. Every result is compared with a model of the contract: order, bound,
// policy, drops, backlog, io.EOF, ErrClosed, and which calls must return. So what breaks
// deterministically breaks again. A line that cannot be run, for its producer is not
// open or waits, is left out: any part of a schedule is a schedule.
//
// # Concurrent
//
// With "mode concurrent" every producer and the consumer run their lines in goroutines of
// their own, all producers being open from the beginning, again and again with other
// pauses. Deliveries and errors are checked, and that it comes to an end; what depends on
// the interleaving is not. What breaks in a race breaks again in one of many rounds,
// most likely.
//
// # Finding
//
// [Find] draws random schedules until one fails, and then removes and lessens what it
// can as long as the same promise breaks.
//
// The package is the program's own: its API may change with every version.
package schedule
