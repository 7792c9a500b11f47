//go:build race

package harness

// detecting says that the race detector is on, which slows everything down.
const detecting = true
