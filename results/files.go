package results

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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

// WriteFileAtomic writes a file so that a reader, or a crash at any time, sees
// either the old content or all of the new: into a temporary file beside it,
// synced, then renamed.
func WriteFileAtomic(path string, write func(io.Writer) error) (err error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("writing %q: it is a directory", path)
	}
	dir := filepath.Dir(path)
	temp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("writing %q: %w", path, cause(err))
	}
	defer func() {
		if err != nil {
			// Best effort: the first error is the one to report.
			_ = temp.Close()
			_ = os.Remove(temp.Name())
			err = fmt.Errorf("writing %q: %w", path, cause(err))
		}
	}()
	if err := write(temp); err != nil {
		return err
	}
	// CreateTemp makes files private; a run directory is meant to be shared.
	if err := temp.Chmod(0o644); err != nil {
		return err
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return err
	}
	syncDir(dir)
	return nil
}

// syncDir makes a rename last. Not every system can sync a directory, and the
// content is safe without, so failing is not an error.
func syncDir(dir string) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	_ = d.Sync()
	_ = d.Close()
}

// cause strips the operation and the (temporary) path from a file error; the
// caller names the path the user knows.
func cause(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	var linkErr *os.LinkError
	if errors.As(err, &linkErr) {
		return linkErr.Err
	}
	return err
}
