// Package stat holds the arithmetic on repetitions. It knows nothing of strategies
// and runs: a sample is one value of each process.
//
//  1. [NewInterval] is the median with the interval of order statistics,
//     [NewBootstrap] the median with a bootstrap interval (interval.go, bootstrap.go).
//  2. [Compare] says whether two samples differ, [ComparePaired] whether two do whose
//     values come in pairs, one of each block; [Holm] corrects for several comparisons
//     (compare.go, paired.go, holm.go).
//  3. [Rank] puts samples in order, with ties (rank.go).
//  4. [NewSeries] is the median of several courses over time (series.go, levels.go).
//
// The package is the program's own: its API may change with every version.
package stat
