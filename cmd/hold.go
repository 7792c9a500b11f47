package cmd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/fanin-bench/fanin-bench/harness"
)

// holder keeps copies of programs, so that what is measured stays what was started
// while somebody builds, moves or deletes the original.
type holder struct {
	mu   sync.Mutex // guards dirs: a signal releases them beside a hold
	dirs []string
}

// hold copies a program into a directory of its own, which release removes.
func (h *holder) hold(path string) (held string, err error) {
	dir, err := os.MkdirTemp("", "fanin-bench-held-")
	if err != nil {
		return "", fmt.Errorf("keeping a copy of %q: %w", path, err)
	}
	h.mu.Lock()
	h.dirs = append(h.dirs, dir)
	h.mu.Unlock()
	held = filepath.Join(dir, filepath.Base(path))
	if err := copyProgram(held, path); err != nil {
		return "", fmt.Errorf("keeping a copy of %q: %w", path, err)
	}
	return held, nil
}

func copyProgram(to, from string) error {
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
		return errors.New("it is no regular file")
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// release removes the copies. A program that is still in use cannot be removed
// everywhere: it is in the directory for temporary files.
func (h *holder) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, dir := range h.dirs {
		_ = os.RemoveAll(dir)
	}
}

// thisProgram is the command line of a trial in a child of this same program, whatever
// has become of its file since it was started.
func (a *app) thisProgram() ([]string, error) {
	path, err := harness.OwnFile()
	if err != nil {
		return nil, fmt.Errorf("finding this program to start trials with: %w", err)
	}
	if runtime.GOOS != "linux" { // there OwnFile is the running program
		if path, err = a.held.hold(path); err != nil {
			return nil, err
		}
	}
	return []string{path, "trial"}, nil
}
