// Package histogram counts times in ns over a fixed range, so that any two histograms
// can be added up, and reads off the quantiles that have enough samples to be quoted.
// In JSON a [Histogram] is the V2 form of HdrHistogram, which is looked at before it is
// decoded (guard.go).
//
// The package is the program's own: its API may change with every version.
package histogram
