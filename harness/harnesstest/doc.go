// Package harnesstest has what tests of the rooms of harness share: strategies that
// misbehave, and those that a trial does not look into.
//
// The package is the program's own: its API may change with every version.
package harnesstest
