package results

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// newRunDir is a run directory in the making, locked.
type newRunDir struct {
	path  string
	lock  *dirLock
	dirs  []string // it and its parents as far as they are new, parents first
	files []string // that make it a run
}

// newDir makes a directory, or takes an empty one, for some files.
func newDir(path string, files ...string) (_ *newRunDir, err error) {
	d := &newRunDir{path: path, dirs: missingDirs(path)}
	unfinished.add(d.dirs...)
	if err := MakeDir(path); err != nil {
		d.discard()
		return nil, err
	}
	if d.lock, err = lockDir(path); err != nil {
		d.discard()
		return nil, err
	}
	entries, err := os.ReadDir(path)
	if err == nil && slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() != LockFile }) {
		err = errors.New("it is not empty (continue that run with --resume, or give another --out)")
	}
	if err != nil {
		d.discard()
		return nil, err
	}
	for _, name := range files {
		d.files = append(d.files, filepath.Join(path, name))
	}
	unfinished.add(d.files...)
	return d, nil
}

// missingDirs lists the directories that are to be made for a path, parents first.
func missingDirs(path string) (dirs []string) {
	for dir := filepath.Clean(path); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			slices.Reverse(dirs)
			return dirs
		}
		dirs = append(dirs, dir)
	}
}

// begin writes the manifest and opens the file of the trials.
func (d *newRunDir) begin(m Manifest) (*Writer, error) {
	run := &Run{Dir: d.path, Manifest: m}
	if err := run.writeManifest(); err != nil {
		return nil, err
	}
	name := filepath.Join(d.path, TrialsFile)
	// Not O_TRUNC: where files cannot be locked, another run that was started on
	// the directory at the same moment must not lose its trials to this one.
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("creating %q: %w", name, cause(err))
	}
	return &Writer{run: run, lock: d.lock, dir: d, check: newChecker(&run.Manifest), file: file}, nil
}

// whole says that the directory is a run now.
func (d *newRunDir) whole() {
	unfinished.done(d.dirs...)
	unfinished.done(d.files...)
}

// discard removes what was made. A directory that has something of others stays.
func (d *newRunDir) discard() {
	for _, name := range d.files {
		_ = os.Remove(name)
	}
	if d.lock != nil {
		d.lock.release()
	}
	for _, name := range slices.Backward(d.dirs) {
		_ = os.Remove(name)
	}
	d.whole()
}

// Discard removes a run directory that was created and gets no trials: a run that is
// refused leaves nothing.
func (w *Writer) Discard() error {
	err := w.closeTrials()
	w.dir.discard()
	return err
}
