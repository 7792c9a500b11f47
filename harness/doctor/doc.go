// Package doctor examines whether a machine can be trusted with measurements.
//
// A [Doctor] measures one strategy under two names to tell how large a difference has to
// be to be seen, and looks for what disturbs it: the clock, sleeps, other processes,
// limits, throttling. A [Diagnosis] is what it measured, and [Finding] what that means
// in plain words. [EnvironmentWarnings] are the findings that need no measuring.
//
// The package is the program's own: its API may change with every version.
package doctor
