//go:build race

package process

// RaceEnabled says that the race detector is on: code runs several times
// slower and allocates by itself.
const RaceEnabled = true
