// Package results stores what a run measured and computes what is quoted from it.
// trials.ndjson is the one source; every other file of a run directory is derived
// from it and from the manifest, and can be made again.
//
//  1. A [Manifest] says what was asked for and where it ran, a [Trial] what one
//     execution of a [Cell] measured, raw (schema.go, parameters.go, environment.go).
//     Trials that took turns have [Slices] (slices.go).
//  2. [Create] and [Resume] open a run directory to add trials to it, one process at
//     a time, each trial synced as it ends (dir.go). [Open] reads one that anybody may
//     have written: every number is held against its bounds, and an error names file and
//     line (read.go, validate.go, validate_measurement.go).
//  3. A [Quantity] is declared once: its name and unit, how it comes out of a trial and
//     how trials are summed up (quantity.go, quantities.go).
//  4. [Summarize] computes what is quoted of each cell, with its interval and with
//     warnings where it should not be trusted (summary.go, cell.go, floor.go,
//     warnings.go). [WriteDerived] and [Export] write it in the formats of other tools
//     (export.go), [Tables] lays it out for people.
//
// Below it are packages that know nothing of runs: stat is arithmetic on repetitions,
// units writes and reads numbers, histogram counts times, sheet is a table that is laid
// out, files makes files whole. Above it are those that take runs: compare two of them,
// merge them into one, follow their history.
//
// Strategies are known by name only, so that a run can be read by a program that
// does not have them. Equal runs give equal files.
//
// The package is the program's own: its API may change with every version.
package results
