// Package schedule says which producer sends how much, and when: the times at which the
// messages of an open loop are due, and the shares of a closed one. All of it is
// computed; nobody waits here.
//
// The package is the program's own: its API may change with every version.
package schedule
