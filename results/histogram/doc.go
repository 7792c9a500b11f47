// Package histogram counts times in ns over a fixed range, so that any two histograms
// can be added up, and reads off the quantiles that have enough samples to be quoted.
// In JSON a [Histogram] is the V2 form of HdrHistogram, which is looked at before it is
// decoded (guard.go).
//
// It belongs to the program fanin-bench and may change with any version of it.
package histogram
