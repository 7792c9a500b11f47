package held

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// Programs keeps copies of programs, so that what is measured stays what was started
// while somebody builds, moves or deletes the original.
type Programs struct {
	mu   sync.Mutex // guards dirs: a signal releases them beside a Hold
	dirs []string
}

// Hold copies a program into a directory of its own, which Release removes.
func (h *Programs) Hold(path string) (held string, err error) {
	dir, err := os.MkdirTemp("", "fanin-bench-held-")
	if err != nil {
		return "", fmt.Errorf("keeping a copy of %q: %w", path, err)
	}
	h.mu.Lock()
	h.dirs = append(h.dirs, dir)
	h.mu.Unlock()
	held = filepath.Join(dir, filepath.Base(path))
	if err := Copy(held, path); err != nil {
		return "", fmt.Errorf("keeping a copy of %q: %w", path, err)
	}
	return held, nil
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
	for _, dir := range h.dirs {
		_ = os.RemoveAll(dir)
	}
}
