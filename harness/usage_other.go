//go:build !unix

package harness

func readUsage() usage { return usage{} }
