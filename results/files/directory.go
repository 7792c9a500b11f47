package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// MakeDir makes a directory and those above it. Where something else is in the way the
// error names that: the system only says that a file exists, or that it is no directory.
func MakeDir(path string) error {
	err := os.MkdirAll(path, 0o755)
	if err == nil {
		return nil
	}
	for at := filepath.Clean(path); ; at = filepath.Dir(at) {
		link, missing := os.Lstat(at)
		if missing == nil {
			return inTheWay(at, link, err)
		}
		if at == filepath.Dir(at) {
			return Cause(err)
		}
	}
}

// inTheWay words why the nearest thing there is prevented a directory.
func inTheWay(at string, found fs.FileInfo, err error) error {
	target, missing := os.Stat(at)
	switch {
	case errors.Is(missing, fs.ErrNotExist) && found.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%q is a link to something that does not exist", at)
	case missing != nil && found.Mode()&fs.ModeSymlink != 0: // a ring of links, for one
		return fmt.Errorf("%q is a link: %w", at, Cause(missing))
	case missing == nil && !target.IsDir():
		return fmt.Errorf("%q is a file, not a directory", at)
	}
	return Cause(err)
}
