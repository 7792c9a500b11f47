// Package trial executes one trial in this process.
//
// [Run] opens the producers, warms up in rounds until their rates agree, and then
// measures one round: a gate opens for all producers at once, each sends its share, the
// consumer drains to io.EOF. The clock covers the first send to the last receive.
//
// Every delivery is checked as it is received, in the measured round too: exactly once,
// in order, intact, and for each producer attempted = delivered + dropped + rejected. A
// violation fails the trial, and so does a sampled backlog that the strategy's
// descriptor rules out (bounds.go). If the spec asks for it, an inspection follows
// (package inspect).
//
// # Slices
//
// A closed loop can be measured in slices instead (session.go), for it to take turns with
// trials in other processes: whatever the machine does meanwhile it then does to all of
// them. One fan-in stands for the whole trial (standing.go). Its producers wait at a gate;
// when a [Partner] says so, the gate opens, each sends its share of the slice, and the
// consumer receives just as many. Then the backlog is 0, which is checked, and nobody runs.
// The warm-up is slices of growing length over the same fan-in, and one more when all others
// have warmed up, which leads in. A slice includes its beginning: to leave out that of each was
// tried, and either changed nothing or left out the sends of what waited when the clock
// started (docs/METHOD.md). Deliveries are checked from
// the first slice of the warm-up to the last, and at the end, when the producers have
// closed and the consumer has come to io.EOF, the books are balanced over all. Time,
// processor time, allocations, parks, backlog, hiccups and all else are sums over the
// slices that were measured, without the waits between them. A slice has as many messages
// as the warm-up's rate makes of its length, and at least as many as tell a rate of so many
// producers ([Ready] says how long that takes).
//
// [TakesTurns] says which cells cannot be measured so. In one round are
//
//   - open loops, whose schedule would have to stop, searches for a rate and probes;
//   - loops under a policy that loses or rejects messages: the consumer of a slice would
//     not know how many are still to come;
//   - loops beside busy neighbours, who compute without end;
//   - loops in which somebody sleeps - pauses of producers, a consumer that sleeps, the
//     stages of a pipeline - or the consumer stalls: that takes longer than a slice;
//   - loops with a sink, whose other end may deal with what it got when the slice is over;
//   - loops of a given number of messages: they are one round of as many.
//
// # What a trial can be
//
// Beside the closed loop there is the open one, whose messages are due at times that do
// not depend on the fan-in (package schedule, paced.go, offer.go); the search for the
// rate at which its backlog begins to grow (search.go), of which the load of other cells
// is a share; and the probe of a fan-in at rest (probe.go). Producers of either loop can
// have unequal shares of it, and those of a closed one pause (pace.go).
//
// The producers send through a handle each, or otherwise (sharing.go): all through one
// Sender; or each opens a handle for every few messages; or their goroutines live for a
// few messages, and each starts the next when it ends. Where a strategy then does not
// promise an order, messages are checked to come exactly once in any order, and where a
// Sender drops some, it is known of all producers together how many. Either end may be
// called in the way of Go programs (collecting.go): messages are put into a Writer, or
// come one by one from a Reader. [Sharable] says what a strategy cannot have of that. The
// harness floor keeps a handle for each producer, so it shows what the goroutines cost.
//
// The consumer does the cell's work (work.go): it takes a while over each message and
// each receive, and writes to a sink, a socket or a file whose other end checks every
// byte (package sink). A pipeline is several fan-ins in a row, presented as one, with a
// goroutine as the stage between two of them (stages.go); so are the many of a mesh
// (package mesh). In a closed loop the consumer may reply to each message, for which its
// producer waits (work.go).
//
// Other goroutines may compute in the process (package neighbours); what they get done
// is measured too, and a closed loop then ends by time instead of by count (curfew.go).
// Meanwhile a monitor samples the backlog and how late it wakes itself (package monitor).
//
// The package is the program's own: its API may change with every version.
package trial
