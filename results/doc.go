// Package results stores what a run measured and computes what is quoted from it.
// trials.ndjson is the one source; every other file of a run directory is derived
// from it and from the manifest, and can be made again.
//
//  1. A [Manifest] says what was asked for and where it ran, a [Trial] what one
//     execution of a [Cell] measured, raw (schema.go, parameters.go, environment.go).
//  2. [Create] and [Resume] open a run directory to add trials to it, one process at
//     a time, each trial synced as it ends (dir.go, lock.go). [Open] reads one that
//     anybody may have written: every number is held against its bounds, and an error
//     names file and line (read.go, validate.go, histogram_guard.go).
//  3. [Summarize] computes what is quoted of each cell, with its interval and with
//     warnings where it should not be trusted (cell.go, stats.go, bootstrap.go,
//     floor.go, warnings.go). [WriteDerived] and [Export] write it in the formats of
//     other tools (derive.go, export.go), [Tables] lays it out for people.
//  4. [Rank] and [Compare] say which differences between samples count (rank.go,
//     paired.go, compare.go), and [CompareRuns] what differs between two runs, with
//     a gate ([Diff.CloseOn]).
//  5. [Merge] puts runs together without mixing machines, and [NewHistory] follows
//     cells through many runs.
//
// Strategies are known by name only, so that a run can be read by a program that
// does not have them. Equal runs give equal files.
//
// The package is the program's own: its API may change with every version.
package results
