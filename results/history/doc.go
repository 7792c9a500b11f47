// Package history follows cells through many runs, and says where the machine changed
// from one to the next.
//
// It belongs to the program fanin-bench and may change with any version of it.
package history
