//go:build !linux

package machine

// affinity is only told by Linux.
func affinity() string { return "" }
