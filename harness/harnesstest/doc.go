// Package harnesstest has what tests of the rooms of harness share: strategies that
// misbehave, and a cell that takes no time.
//
// The package is the program's own: its API may change with every version.
package harnesstest
