// Package plots draws the figures of a run. One figure answers one question, is one
// declaration in one file, and has one line in [Figures].
//
// A run has a summary, the summary makes pictures, and pictures make files and a page:
//
//  1. A summary is cut into scenes: the cells that differ in nothing but the strategy
//     and the producers, or another parameter, so that a figure never mixes payloads or
//     arrivals (scene.go, along.go). In a panel are only series that may be compared: of
//     one kind of bound and one policy, eight at most (groups.go). A figure with a panel
//     for each of several loads or numbers of producers picks three of them (places.go).
//  2. [Draw] asks each [Figure] for a [Drawing] of each scene that it is about: a
//     question as the title, panels, and labels to stand at the lines' ends. Lines
//     against the producers are alike in many figures (bycount.go), as are series over
//     time (timeline.go), and what stands in a panel is one of a few plotters
//     (plotters.go).
//  3. The Drawing lays itself out: header, panels, margins as wide as the labels need,
//     labels pushed apart (drawing.go, axes.go, labels.go).
//  4. A [Picture] is a drawing with its SVG, its name, and the cells that it shows
//     (picture.go, svg.go). [Pictures.Write] makes files of them, SVG and PNG (files.go),
//     and package report a page, in which points tell their values (annotate.go) and a
//     dark ground has its own colours (colours.go).
//
// Two figures are not of one run: [WriteComparison] draws what differs between two, and
// [WriteHistory] follows cells through many. Neither is in [Figures].
//
// A strategy's look follows from its place in the registry and nothing else, so
// it is the same in every figure of every run (theme.go). No output depends on
// the time or on map order: equal runs give equal files.
//
// The package is the program's own: its API may change with every version.
package plots
