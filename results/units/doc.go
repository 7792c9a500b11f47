// Package units writes and reads times, sizes, rates and counts: for people in three
// significant digits, and for files and names so that equal text means equal values.
// Nothing else in the program scales a number or names its unit.
//
// It belongs to the program fanin-bench and may change with any version of it.
package units
