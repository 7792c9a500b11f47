package cmd

import (
	"io"
	"os"

	"github.com/fanin-bench/fanin-bench/results"
)

// standardOutput is what a user calls it where a file is asked for.
const standardOutput = "-"

// toStdout reports whether a file named by the user is standard output, which it is
// also when none is named.
func (a *app) toStdout(path string) bool {
	if path == "" || path == standardOutput {
		return true
	}
	if a.stdout != io.Writer(os.Stdout) {
		return false
	}
	// /dev/stdout: what else writes there, as a shell that appends, shares its place.
	named, err := os.Stat(path)
	if err != nil {
		return false
	}
	ours, err := os.Stdout.Stat()
	return err == nil && os.SameFile(named, ours)
}

// write writes a file named by the user, or standard output.
func (a *app) write(path string, write func(io.Writer) error) error {
	if a.toStdout(path) {
		return write(a.stdout)
	}
	return results.WriteFile(path, write)
}

// checkOutDirectory refuses standard output where --out is a directory.
func checkOutDirectory(path string) error {
	if path == standardOutput {
		return usageErrorf("--out: a directory is needed, and %q is standard output (./%s names a directory)", path, path)
	}
	return nil
}
