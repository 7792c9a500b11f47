//go:build !unix

package files

import (
	"io/fs"
	"os"
)

// keepOwner does without owners.
func keepOwner(*os.File, fs.FileInfo) {}
