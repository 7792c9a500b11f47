package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fanin-bench/fanin-bench/results/files"
)

// The files of a run directory.
const (
	ManifestFile    = "manifest.json"
	TrialsFile      = "trials.ndjson"
	LatencyFile     = "latency.hlog"
	BenchFile       = "bench.txt"
	SummaryFile     = "summary.json"
	SummaryCSVFile  = "summary.csv"
	SummaryMarkdown = "summary.md"
)

// appendFile is what a Writer needs of the open trials.ndjson.
type appendFile interface {
	io.WriteCloser
	Sync() error
	Truncate(size int64) error
}

// Writer adds trials to a run directory. It belongs to one goroutine.
type Writer struct {
	run   *Run
	lock  *files.Lock
	dir   *newRunDir // as Create made it; nil after Resume
	check *checker
	file  appendFile
	size  int64 // of the lines that are whole
	err   error // set when the file could not be brought back to size
}

// Create makes a run directory and writes its manifest. A directory that exists
// must be empty, so that no run is ever overwritten. Until the Writer is closed no
// other can be had for the directory, in any process.
func Create(path string, m Manifest) (*Writer, error) {
	m.Schema = SchemaVersion
	if err := m.validate(); err != nil {
		return nil, fmt.Errorf("creating the run directory %q: %w", path, err)
	}
	dir, err := newDir(path, TrialsFile, ManifestFile)
	if err != nil {
		return nil, fmt.Errorf("creating the run directory %q: %w", path, files.Cause(err))
	}
	w, err := dir.begin(m)
	if err != nil {
		dir.discard()
		return nil, err
	}
	dir.whole()
	return w, nil
}

// ErrTaken is wrapped by an error of [Create] about a directory that another run has.
var ErrTaken = errors.New("another run has the directory")

// takenError says what another run has there.
type takenError struct{ error }

// Is makes it one of ErrTaken.
func (takenError) Is(target error) bool { return target == ErrTaken }

// taken marks an error about a lock as one of ErrTaken if another process holds it.
func taken(err error) error {
	if _, inUse := errors.AsType[*files.InUseError](err); inUse {
		return takenError{err}
	}
	return err
}

// Resume opens a run directory to add the trials that are missing. The line of
// a trial that was being written when the run ended is cut off; the returned
// Run holds everything before it and grows with each Append. Like Create it keeps
// others out of the directory.
func Resume(path string) (*Writer, *Run, error) {
	if err := isDirectory(path); err != nil {
		return nil, nil, err
	}
	// Before it is locked, which would leave a file in a directory that is no run.
	if _, err := os.Stat(filepath.Join(path, ManifestFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil, noManifest(path)
	}
	lock, err := files.LockDir(path)
	if err != nil {
		return nil, nil, fmt.Errorf("resuming the run directory %q: %w", path, err)
	}
	w, err := reopen(path)
	if err != nil {
		lock.Release()
		return nil, nil, err
	}
	w.lock = lock
	return w, w.run, nil
}

// reopen reads a locked run directory and opens it for adding more.
func reopen(path string) (*Writer, error) {
	run, check, size, err := open(path)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(path, TrialsFile)
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("resuming %q: %w", name, files.Cause(err))
	}
	w := &Writer{run: run, check: check, file: file, size: size}
	if err := w.trim(); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("resuming %q: %w", name, files.Cause(err))
	}
	return w, nil
}

// trim cuts the file to its whole lines, and ends the last of them if its line
// feed is what got lost.
func (w *Writer) trim() error {
	if err := w.file.Truncate(w.size); err != nil {
		return err
	}
	if w.size == 0 {
		return nil
	}
	name := filepath.Join(w.run.Dir, TrialsFile)
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, w.size-1); err != nil {
		return err
	}
	if last[0] == '\n' {
		return nil
	}
	if _, err := w.file.Write([]byte{'\n'}); err != nil {
		return err
	}
	w.size++
	return w.file.Sync()
}

// Run returns what has been stored so far. It grows with each Append.
func (w *Writer) Run() *Run { return w.run }

// Append stores one finished trial: one write of one line, synced before it
// returns. When that fails, a full disk say, the file is cut back to the lines
// before it, so that these stay readable and a later Append may succeed.
func (w *Writer) Append(t Trial) error {
	name := filepath.Join(w.run.Dir, TrialsFile)
	if w.err != nil {
		return fmt.Errorf("appending to %q: %w", name, w.err)
	}
	t.Schema = SchemaVersion
	if err := w.check.trial(&t); err != nil {
		return fmt.Errorf("appending to %q: %w", name, err)
	}
	line, err := json.Marshal(&t)
	if err != nil {
		return fmt.Errorf("appending to %q: %w", name, err)
	}
	line = append(line, '\n')
	if len(line) > maxLineBytes {
		return fmt.Errorf("appending to %q: a line of %d bytes is over the limit of %d", name, len(line), maxLineBytes)
	}
	if err := w.writeLine(line); err != nil {
		return fmt.Errorf("appending to %q: %w", name, files.Cause(err))
	}
	_, again := w.check.seen[w.check.repetition(&t)]
	w.check.add(&t)
	t.Measurement.pack()
	w.run.add(t, again)
	return nil
}

func (w *Writer) writeLine(line []byte) error {
	_, err := w.file.Write(line)
	if err == nil {
		err = w.file.Sync()
	}
	if err != nil {
		w.err = w.file.Truncate(w.size)
		return err
	}
	w.size += int64(len(line))
	return nil
}

// Close closes the directory.
func (w *Writer) Close() error {
	defer w.lock.Release()
	return w.closeTrials()
}

func (w *Writer) closeTrials() error {
	if w.file == nil {
		return nil
	}
	err := w.file.Close()
	w.file = nil
	if err != nil {
		return fmt.Errorf("closing %q: %w", filepath.Join(w.run.Dir, TrialsFile), files.Cause(err))
	}
	return nil
}

// Finish closes the directory, and notes in the manifest that the run is finished
// unless trials are missing.
func (w *Writer) Finish() error {
	defer w.lock.Release()
	if err := w.closeTrials(); err != nil {
		return err
	}
	m := &w.run.Manifest
	if m.Finished == nil && w.run.Missing() == 0 {
		now := time.Now().UTC()
		m.Finished = &now
		if err := w.run.writeManifest(); err != nil {
			return err
		}
	}
	return nil
}

func (r *Run) writeManifest() error {
	return files.Write(filepath.Join(r.Dir, ManifestFile), func(out io.Writer) error {
		return files.WriteJSON(out, r.Manifest)
	})
}

// Store writes a whole run to a directory that must be new or empty, the manifest
// last: a directory without one is no run.
func (r *Run) Store(path string) error {
	if err := r.check(); err != nil {
		return fmt.Errorf("creating the run directory %q: %w", path, err)
	}
	dir, err := newDir(path, TrialsFile, ManifestFile)
	if err != nil {
		return fmt.Errorf("creating the run directory %q: %w", path, files.Cause(err))
	}
	r.Dir = path
	err = files.Write(filepath.Join(path, TrialsFile), func(out io.Writer) error { return writeTrials(out, r.lines()) })
	if err == nil {
		err = r.writeManifest()
	}
	if err != nil {
		dir.discard()
		return err
	}
	dir.whole()
	dir.lock.Release()
	return nil
}

// check is what Open does with a run that is read.
func (r *Run) check() error {
	if err := r.Manifest.validate(); err != nil {
		return err
	}
	check := newChecker(&r.Manifest)
	for _, t := range r.lines() {
		if err := check.trial(&t); err != nil {
			return err
		}
		check.add(&t)
	}
	return nil
}

// isDirectory reports what is no directory and there.
func isDirectory(path string) error {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return fmt.Errorf("opening the run directory %q: it is a file, not a directory", path)
	}
	return nil
}

// newRunDir is a run directory in the making, locked.
type newRunDir struct {
	path  string
	lock  *files.Lock
	dirs  []string // it and its parents as far as they are new, parents first
	files []string // that make it a run
}

// newDir makes a directory, or takes an empty one, for some files.
func newDir(path string, names ...string) (_ *newRunDir, err error) {
	d := &newRunDir{path: path, dirs: missingDirs(path)}
	files.Making(d.dirs...)
	if err := files.MakeDir(path); err != nil {
		d.discard()
		return nil, err
	}
	if d.lock, err = files.LockDir(path); err != nil {
		d.discard()
		return nil, taken(err)
	}
	entries, err := os.ReadDir(path)
	if err == nil && slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() != files.LockFile }) {
		err = takenError{errors.New("it is not empty (continue that run with --resume, or give another --out)")}
	}
	if err != nil {
		d.discard()
		return nil, err
	}
	for _, name := range names {
		d.files = append(d.files, filepath.Join(path, name))
	}
	files.Making(d.files...)
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
		return nil, fmt.Errorf("creating %q: %w", name, files.Cause(err))
	}
	return &Writer{run: run, lock: d.lock, dir: d, check: newChecker(&run.Manifest), file: file}, nil
}

// whole says that the directory is a run now.
func (d *newRunDir) whole() {
	files.Made(d.dirs...)
	files.Made(d.files...)
}

// discard removes what was made. A directory that has something of others stays.
func (d *newRunDir) discard() {
	for _, name := range d.files {
		_ = os.Remove(name)
	}
	if d.lock != nil {
		d.lock.Release()
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
