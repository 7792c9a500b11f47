package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
)

// Write writes what a path names, as a redirection of a shell would: it follows
// symbolic links, writes into what is no regular file (a device, a pipe), and keeps the
// permissions of a file that exists. A regular file is replaced as a whole: a reader,
// or a crash at any time, sees either the old content or all of the new.
func Write(path string, write func(io.Writer) error) error {
	if err := writeFile(path, write); err != nil {
		return fmt.Errorf("writing %q: %w", path, Cause(err))
	}
	return nil
}

func writeFile(path string, write func(io.Writer) error) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && (path == "" || !os.IsPathSeparator(path[len(path)-1])):
		info = nil
	case err == nil && info.IsDir(), errors.Is(err, fs.ErrNotExist):
		return errors.New("it is a directory")
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return writeInto(path, 0, write)
	}
	target, err := followLinks(path)
	if err != nil {
		return err
	}
	if info == nil {
		return replace(target, nil, write)
	}
	// A file that may not be written is not replaced either, though a rename needs the
	// permission of the directory alone.
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if named, err := os.Stat(target); err != nil || !os.SameFile(named, info) {
		return overwrite(path, write) // an open file that has lost its name, as /dev/fd/3
	}
	return replace(target, info, write)
}

// writeInto writes into what exists.
func writeInto(path string, flags int, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|flags, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// maxLinks is how many symbolic links in a row are followed, as many as Linux does.
const maxLinks = 40

// followLinks returns where a path leads, which need not exist. The directories are
// resolved at each step: cleaning "link/../file" as text leads somewhere else.
func followLinks(path string) (string, error) {
	for range maxLinks {
		dir, base := filepath.Split(path)
		if dir == "" {
			dir = "."
		}
		dir, err := filepath.EvalSymlinks(dir)
		if err != nil {
			return "", err
		}
		path = filepath.Join(dir, base)
		if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return path, nil //nolint:nilerr // what does not exist is where it leads
		}
		to, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(to) {
			to = dir + string(filepath.Separator) + to
		}
		path = to
	}
	return "", syscall.ELOOP
}

// replace puts a new file in the place of old, nil if there is none: it writes a
// temporary file beside it, syncs it and renames it.
func replace(path string, old fs.FileInfo, write func(io.Writer) error) (err error) {
	dir := filepath.Dir(path)
	mode := fs.FileMode(0o666) // less the umask, as for any new file
	if old != nil {
		mode = 0o600 // until it has those of the old one
	}
	temp, err := unfinished.create(dir, mode)
	if old != nil && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)) {
		// A file alone may be writable where its directory is not.
		return overwrite(path, write)
	}
	if err != nil {
		return err
	}
	defer unfinished.done(temp.Name())
	defer func() {
		if err != nil {
			// Best effort: the first error is the one to report.
			_ = temp.Close()
			_ = os.Remove(temp.Name())
		}
	}()
	if err := write(temp); err != nil {
		return err
	}
	if old != nil {
		keepOwner(temp, old)
		if err := temp.Chmod(old.Mode().Perm()); err != nil {
			return err
		}
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		if old == nil || !errors.Is(err, syscall.EBUSY) {
			return err
		}
		// A file that is a mount of its own, as containers have them, cannot be replaced.
		_ = os.Remove(temp.Name())
		return overwrite(path, write)
	}
	syncDir(dir)
	return nil
}

// overwrite writes a file in its place, once all of the content is known.
func overwrite(path string, write func(io.Writer) error) error {
	var content bytes.Buffer
	if err := write(&content); err != nil {
		return err
	}
	return writeInto(path, os.O_TRUNC, func(out io.Writer) error {
		_, err := content.WriteTo(out)
		return err
	})
}

// unfinished are the files and directories that are being made.
var unfinished leftovers

type leftovers struct {
	sync.Mutex
	names []string // a directory before what is in it
}

// create makes a temporary file. Its name is not made of the one that it will have,
// which may be as long as a name can be.
func (l *leftovers) create(dir string, mode fs.FileMode) (*os.File, error) {
	l.Lock()
	defer l.Unlock()
	for {
		name := filepath.Join(dir, ".fanin-bench."+strconv.FormatUint(rand.Uint64(), 36))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err == nil {
			l.names = append(l.names, name)
		}
		return f, err
	}
}

// add notes what is about to be made.
func (l *leftovers) add(names ...string) {
	l.Lock()
	defer l.Unlock()
	l.names = append(l.names, names...)
}

// done forgets what has become whole, or was removed.
func (l *leftovers) done(names ...string) {
	l.Lock()
	defer l.Unlock()
	l.names = slices.DeleteFunc(l.names, func(name string) bool { return slices.Contains(names, name) })
}

// Making notes what this process is about to make, a directory before what is in it.
func Making(names ...string) { unfinished.add(names...) }

// Made forgets what has become whole, or was removed.
func Made(names ...string) { unfinished.done(names...) }

// RemoveUnfinished removes the files and run directories that this process is in the
// middle of making, for one that ends at once: no other can be made afterwards.
func RemoveUnfinished() {
	unfinished.Lock() // for good
	for _, name := range slices.Backward(unfinished.names) {
		_ = os.Remove(name) // a directory that others use stays
	}
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

// Cause strips the operation and the (temporary) path from a file error; the
// caller names the path the user knows.
func Cause(err error) error {
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
