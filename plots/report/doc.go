// Package report makes the page of a run: one HTML file that needs no other and
// no network, for people who want to know which strategy to use.
//
// [Write] takes what has been made of the run before, its summary and its pictures,
// and computes neither again.
//
//  1. Every question is answered for every class of strategies that may be compared
//     (questions.go, class.go), by ranking their trials (verdict.go).
//  2. The pictures of package plots become parts of the page, with the values of their
//     points beside them for the script to show. An answer links to the picture that
//     shows the most of its cells.
//  3. Tables, descriptors, failures, warnings and environment follow, and the raw
//     data as downloads (content.go, attachment.go). Every cell of a table has its
//     number in an attribute, by which the script sorts: it reads no text.
//
// The page says by its content security policy that nothing is loaded and nothing
// runs but its own style and script. Every text from a run directory passes through
// html/template or the SVG writer, which escape it. Equal runs give equal pages.
//
// The package is the program's own: its API may change with every version.
package report
