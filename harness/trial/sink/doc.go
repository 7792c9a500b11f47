// Package sink is where a consumer writes what it received: a socket or a file whose
// other end checks every byte.
//
// The package is the program's own: its API may change with every version.
package sink
