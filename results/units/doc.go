// Package units writes and reads times, sizes, rates and counts: for people in three
// significant digits, and for files and names so that equal text means equal values.
// Nothing else in the program scales a number or names its unit.
//
// The package is the program's own: its API may change with every version.
package units
