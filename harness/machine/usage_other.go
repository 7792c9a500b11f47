//go:build !unix

package machine

func ReadUsage() Usage { return Usage{} }
