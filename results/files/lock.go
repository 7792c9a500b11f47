package files

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
)

// LockFile is in a run directory while a process adds trials to it, and holds the
// number of that process.
const LockFile = "run.lock"

// Lock keeps other processes from adding to the same run directory. The system
// lets go of it when its process ends, however it ends.
type Lock struct{ file *flock.Flock }

// LockDir locks a run directory, or says which process has done so. On a file
// system that has no locks it does nothing.
func LockDir(dir string) (*Lock, error) {
	name := filepath.Join(dir, LockFile)
	for {
		file := flock.New(name)
		switch held, err := file.TryLock(); {
		case errors.Is(err, errors.ErrUnsupported):
			return &Lock{file}, nil
		case err != nil:
			return nil, fmt.Errorf("locking %s: %w", LockFile, Cause(err))
		case !held:
			return nil, inUse(name)
		}
		if !atPath(file) {
			_ = file.Unlock() // its last holder had just removed it: the lock is no use
			continue
		}
		// Only a message needs it; Windows lets nobody read a locked file.
		_ = os.WriteFile(name, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o644)
		Making(name)
		return &Lock{file}, nil
	}
}

// atPath reports whether a locked file is still the one of its name.
func atPath(file *flock.Flock) bool {
	locked, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(file.Path())
	return err == nil && os.SameFile(locked, named)
}

func inUse(name string) error {
	who := "another process"
	if text, err := os.ReadFile(name); err == nil {
		if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
			who = fmt.Sprintf("process %d", pid)
		}
	}
	return &InUseError{who}
}

// InUseError says that another process has locked a run directory.
type InUseError struct{ who string }

func (e *InUseError) Error() string {
	return e.who + " is adding trials to it; wait for its end, or end it"
}

// Release removes the file first: afterwards it might be the next one's. Where an
// open file cannot be removed it stays, and does no harm.
func (l *Lock) Release() {
	if l.file.Locked() {
		_ = os.Remove(l.file.Path())
		_ = l.file.Unlock()
		Made(l.file.Path())
	}
}
