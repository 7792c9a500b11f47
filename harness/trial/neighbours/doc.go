// Package neighbours has goroutines compute beside a trial, and measures what they get
// done.
//
// The package is the program's own: its API may change with every version.
package neighbours
