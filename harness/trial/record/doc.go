// Package record is the consumer's books of a round: a [Ledger] that checks each
// delivery against what was sent, and a [Recorder] of its times. Which messages are timed
// is decided here (sample.go), and what a strategy's promises say of what was counted
// (promise.go).
//
// The package is the program's own: its API may change with every version.
package record
