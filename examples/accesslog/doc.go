// Accesslog is a service whose HTTP handlers share one log file: an example of a fan-in
// to copy from.
//
//	accesslog [--listen ADDRESS] [--log FILE] [--flush DURATION] [--strategy NAME] [--capacity ITEMS]
//
// Any number of handlers send the line of their request through one
// [strategies.Sender]; one goroutine writes them. It waits in a select for lines
// ([strategies.Readier]), for ticks at which it flushes, and for the end, and then takes
// what is left from a [strategies.Reader]. No handler waits for the disk, unless the disk
// is behind by the capacity.
//
//  1. accesslog.go has the log: what handlers call, the loop that writes, and how it
//     ends. It is the part to copy.
//  2. constructors.go is the choice of a strategy. A program that has chosen has one
//     line instead: strategies.NewLanesRing[line](strategies.Options{}).
//  3. main.go listens, and ends at a signal.
//
// # What is lost
//
// SIGTERM or SIGINT loses nothing: each request that was answered with success is in
// the file. [strategies.Stopper] refuses what comes later, with status 503, and what
// was accepted is still written. A strategy without Stop is told the end by its
// producers: the server shuts down first, and then the Sender closes.
//
// SIGKILL, a crash, or the end of memory loses the lines that were accepted and not
// flushed, as a log in memory does: those in the fan-in, and what the buffer in front of
// the file holds. That is what has come since the last tick, unless the disk is behind.
// The path /flushed tells how many lines the file has. A failing machine loses more: what
// the system has not written. A log that must survive that calls Sync where this one
// flushes, as the scenario log-ingest does.
//
// A strategy without Ready has no ticks: the Reader's loop flushes whenever it has written
// all that is there.
package main
