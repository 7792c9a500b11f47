// Package process measures this process for the checks of package conformance that
// need it: the CPU time that it uses, its live heap, its goroutines, and whether the
// race detector is on. It knows nothing of fan-ins.
package process
