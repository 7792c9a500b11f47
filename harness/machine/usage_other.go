//go:build !unix

package machine

// ReadUsage knows nothing here.
func ReadUsage() Usage { return Usage{} }
