// Package merge puts runs of one scenario together without mixing machines.
//
// The package is the program's own: its API may change with every version.
package merge
