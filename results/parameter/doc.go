// Package parameter declares what can be set and measured under: one declaration says
// how a parameter is called and written, what it may be, what it concerns and which part
// it plays. The program's parameters are declared in package results; from their
// declarations derive
//
//   - the flags of the command line with their help, the keys of a scenario file and
//     its JSON schema (packages scenario and cmd),
//   - the cells of a plan (package scenario),
//   - the checks of a cell, in the parent, in the child and in whoever reads a run
//     directory,
//   - labels, and the figures that go along a parameter (packages results and plots),
//   - what an answer from a run says is not as it was asked (package advice).
//
// The package is the program's own: its API may change with every version.
package parameter
