// Package pick finds strategies by name and by group, and says which name was meant by
// one that nobody has.
//
// The package is the program's own: its API may change with every version.
package pick
