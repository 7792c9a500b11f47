// Package merge puts runs of one scenario together without mixing machines.
//
// It belongs to the program fanin-bench and may change with any version of it.
package merge
