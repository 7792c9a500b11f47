package output

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/files"
)

// Standard is what a user calls standard output where a file is asked for.
const Standard = "-"

// IsStandard reports whether a file named by the user is standard output, which it is
// also when none is named. stdout is what the verb prints to.
func IsStandard(path string, stdout io.Writer) bool {
	if path == "" || path == Standard {
		return true
	}
	if stdout != io.Writer(os.Stdout) {
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

// Write writes a file named by the user, or standard output.
func Write(path string, stdout io.Writer, write func(io.Writer) error) error {
	if IsStandard(path, stdout) {
		return write(stdout)
	}
	if err := checkNoSource(path); err != nil {
		return err
	}
	return files.Write(path, write)
}

// checkNoSource refuses to replace the files of a run from which all others are made:
// there is no second copy of what was measured.
func checkNoSource(path string) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	dir, name := filepath.Split(path)
	if name != results.ManifestFile && name != results.TrialsFile {
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, results.ManifestFile)); err != nil {
		return nil // it is no run
	}
	return usage.Errorf("--out: %q holds what the run measured, and cannot be replaced", path)
}

// CheckDirectory refuses standard output where --out is a directory.
func CheckDirectory(path string) error {
	if path == Standard {
		return usage.Errorf("--out needs a directory, and %q is standard output (./%s names a directory)", path, path)
	}
	return nil
}

// Noting is a writer that keeps the first error, for those who print without a look at it.
type Noting struct {
	To  io.Writer
	err error
}

func (n *Noting) Write(p []byte) (int, error) {
	if n.err != nil {
		return 0, n.err
	}
	written, err := n.To.Write(p)
	n.err = err
	return written, err
}

// Failed returns the error, as who reads it understands it.
func (n *Noting) Failed() error {
	if n.err == nil {
		return nil
	}
	return fmt.Errorf("printing: %w", n.err)
}
