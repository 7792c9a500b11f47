// Package sizes says how large the items of a load are whose sizes are mixed: a [Mix] is
// written as lognormal:1KiB/2 or bimodal:64/1MiB/0.1, and tells the size of each item, the
// same for every strategy.
//
// The package is the program's own: its API may change with every version.
package sizes
