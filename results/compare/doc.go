// Package compare says what differs between two runs.
//
//  1. [Runs] compares every cell that both have, by every metric of it (runs.go,
//     verdict.go), and lists the conditions that they do not share (environment.go).
//  2. [Diff.CloseOn] is the gate: a regression, none, or no verdict (gate.go).
//  3. [Diff] is written as text, Markdown and JSON, with what a reader should know before
//     trusting it (text.go, warnings.go).
//
// The package is the program's own: its API may change with every version.
package compare
