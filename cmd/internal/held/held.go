package held

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/fanin-bench/fanin-bench/results/files"
)

// Programs keeps copies of programs, so that what is measured stays what was started
// while somebody builds, moves or deletes the original.
type Programs struct {
	mu   sync.Mutex // guards dirs: a signal releases them beside a Hold
	dirs []string

	// locks say that the directories are in use. The system lets go of them when this
	// process ends, however it ends.
	locks []*files.Lock
}

// prefix begins the names of the directories.
const prefix = "fanin-bench-held-"

// fresh is how long a directory may be without a lock: its owner is about to take it.
const fresh = time.Minute

// sweep removes what processes have left that were killed.
func sweep() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*")) //nolint:errcheck // the pattern is one
	for _, dir := range dirs {
		info, err := os.Stat(dir)
		if err != nil || time.Since(info.ModTime()) < fresh {
			continue
		}
		if lock, err := files.LockDir(dir); err == nil {
			_ = os.RemoveAll(dir)
			lock.Release()
		}
	}
}

// Hold copies a program into a directory of its own, which Release removes.
func (h *Programs) Hold(path string) (held string, err error) {
	sweep()
	dir, err := os.MkdirTemp("", prefix)
	if err != nil {
		return "", fmt.Errorf("keeping a copy of %q: %w", path, err)
	}
	h.mu.Lock()
	h.dirs = append(h.dirs, dir)
	h.mu.Unlock()
	lock, err := files.LockDir(dir)
	if err != nil {
		return "", fmt.Errorf("keeping a copy of %q: %w", path, err)
	}
	h.mu.Lock()
	h.locks = append(h.locks, lock)
	h.mu.Unlock()
	held = filepath.Join(dir, filepath.Base(path))
	if err := Copy(held, path); err != nil {
		return "", fmt.Errorf("keeping a copy of %q: %w", path, err)
	}
	return held, nil
}

// Renew replaces a copy by a copy of itself. What is executed from then on lies elsewhere in
// memory, to which some code owes a few percent of its time; what runs is not disturbed.
func Renew(copied string) error {
	next := copied + ".next"
	if err := Copy(next, copied); err != nil {
		return fmt.Errorf("renewing the copy %q: %w", copied, err)
	}
	return os.Rename(next, copied)
}

// Copy copies a program with its permissions.
func Copy(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// Release removes the copies. A program that is still in use cannot be removed
// everywhere: it is in the directory for temporary files.
func (h *Programs) Release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, lock := range h.locks {
		lock.Release()
	}
	for _, dir := range h.dirs {
		_ = os.RemoveAll(dir)
	}
	h.dirs, h.locks = nil, nil
}
