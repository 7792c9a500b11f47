// Package plots draws the figures of a run. One figure answers one question,
// is one function in one file, and has one line in [Figures].
//
//  1. A run's summary is cut into scenes: the cells that differ in nothing but
//     the strategy and the producers, so that a figure never mixes payloads or
//     arrivals (scene.go).
//     In a panel are only series that may be compared: of one kind of bound and one
//     policy, eight at most (groups.go).
//  2. A figure function turns a scene into a Drawing: a question as the title,
//     panels, and labels to stand at the lines' ends.
//  3. The Drawing lays itself out: header, panels, margins as wide as the
//     labels need, labels pushed apart (frame.go, labels.go).
//  4. Write stores each as SVG and PNG. NewInline makes it a part of a page, which
//     package report writes (annotate.go, inline.go, colours.go).
//
// Two figures are not of one run: WriteComparison draws what differs between two, and
// WriteHistory follows cells through many. Neither is in [Figures].
//
// A strategy's look follows from its place in the registry and nothing else, so
// it is the same in every figure of every run (theme.go). No output depends on
// the time or on map order: equal runs give equal files.
//
// The package is the program's own: its API may change with every version.
package plots
