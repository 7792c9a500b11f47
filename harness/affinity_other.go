//go:build !linux

package harness

// affinity is only told by Linux.
func affinity() string { return "" }
