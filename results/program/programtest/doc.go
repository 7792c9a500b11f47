// Package programtest helps the tests of programs that are built on package program: it has
// a trial executed by the test's own binary, hears what a role says that is killed, and keeps
// what became of its messages.
//
// The package is the program's own: its API may change with every version.
package programtest
