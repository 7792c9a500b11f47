// Package monitor watches a round from aside: the backlog over time, and the hiccups of
// the machine.
//
// The package is the program's own: its API may change with every version.
package monitor
