// Package history follows cells through many runs, and says where the machine changed
// from one to the next.
//
// The package is the program's own: its API may change with every version.
package history
