//go:build !race

package process

// RaceEnabled says that the race detector is on.
const RaceEnabled = false
