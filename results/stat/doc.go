// Package stat holds the arithmetic on repetitions. It knows nothing of strategies
// and runs: a sample is one value of each process.
//
//  1. [NewInterval] is the median with the interval of order statistics,
//     [NewBootstrap] the median with a bootstrap interval (interval.go, bootstrap.go), and
//     [NewInterpolated] that with an interval between order statistics (interpolated.go).
//  2. [Pairs] are two samples whose values come in pairs, one pair of each block, and of
//     each of its turns where both took some: every ratio and whether it differs from 1
//     (turns.go, paired.go). [Compare] is of samples that do not pair; [Holm] corrects for several
//     comparisons (compare.go, holm.go).
//  3. [Rank] puts samples in order, with ties (rank.go).
//  4. [Sample.Humps] finds the two kinds of values that a sample may have (humps.go, dip.go).
//  5. [NewSeries] is the median of several courses over time (series.go, levels.go).
//
// The package is the program's own: its API may change with every version.
package stat
