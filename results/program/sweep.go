package program

import (
	"os"
	"path/filepath"
	"time"
)

// dirPrefix begins the name of the directory that a trial has for its sockets and files.
const dirPrefix = "fanin-bench-program-"

// staleAfter is when a directory is surely of a trial that was killed: none takes so long.
const staleAfter = 24 * time.Hour

// sweep removes the directories that killed trials left.
func sweep(parent string) {
	dirs, _ := filepath.Glob(filepath.Join(parent, dirPrefix+"*")) //nolint:errcheck // the pattern is one
	for _, dir := range dirs {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() && time.Since(info.ModTime()) > staleAfter {
			_ = os.RemoveAll(dir) // of another user it stays
		}
	}
}
