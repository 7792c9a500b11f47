package program

import (
	"os"
	"path/filepath"
	"time"

	"github.com/fanin-bench/fanin-bench/results/files"
)

// dirPrefix begins the name of the directory that a trial has for its sockets and files.
const dirPrefix = "fanin-bench-program-"

// fresh is how long a directory may be without a lock: its trial is about to take it.
const fresh = time.Minute

// ownDir makes the directory of a trial. Its lock says that it is in use, and the system
// lets go of that when the process ends, however it ends: the next trial sweeps then.
func ownDir() (dir string, release func(), err error) {
	sweep(os.TempDir())
	if dir, err = os.MkdirTemp("", dirPrefix); err != nil {
		return "", nil, err
	}
	lock, err := files.LockDir(dir)
	if err != nil {
		_ = os.RemoveAll(dir)
		return "", nil, err
	}
	return dir, func() {
		lock.Release()
		_ = os.RemoveAll(dir) // what resists is the next sweep's
	}, nil
}

// sweep removes the directories that killed trials left.
func sweep(parent string) {
	dirs, _ := filepath.Glob(filepath.Join(parent, dirPrefix+"*")) //nolint:errcheck // the pattern is one
	for _, dir := range dirs {
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() || time.Since(info.ModTime()) < fresh && !wasLocked(dir) {
			continue
		}
		if lock, err := files.LockDir(dir); err == nil {
			_ = os.RemoveAll(dir) // of another user it stays
			lock.Release()
		}
	}
}

// wasLocked reports whether a trial has had the directory already, of which its lock tells
// once it is held: one that nobody holds any more is stale however young it is.
func wasLocked(dir string) bool {
	info, err := os.Lstat(filepath.Join(dir, files.LockFile))
	return err == nil && info.Size() > 0
}
