//go:build race

package conformance

// raceEnabled says that the race detector is on: code runs several times
// slower and allocates by itself.
const raceEnabled = true
