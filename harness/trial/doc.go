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
// # What a trial can be
//
// Beside the closed loop there is the open one, whose messages are due at times that do
// not depend on the fan-in (package schedule, paced.go, offer.go); the search for the
// rate at which its backlog begins to grow (search.go), of which the load of other cells
// is a share; and the probe of a fan-in at rest (probe.go). Producers of either loop can
// have unequal shares of it, and those of a closed one pause (pausing.go).
//
// The consumer does the cell's work (work.go): it takes a while over each message and
// each receive, and writes to a sink, a socket or a file whose other end checks every
// byte (package sink). A pipeline is several fan-ins in a row, presented as one, with a
// goroutine as the stage between two of them (stages.go).
//
// Other goroutines may compute in the process (package neighbours); what they get done
// is measured too, and a closed loop then ends by time instead of by count (curfew.go).
// Meanwhile a monitor samples the backlog and how late it wakes itself (package monitor).
//
// The package is the program's own: its API may change with every version.
package trial
