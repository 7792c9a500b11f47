//go:build unix

package files_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/fanin-bench/fanin-bench/results/files"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

func text(s string) func(io.Writer) error {
	return func(out io.Writer) error {
		_, err := io.WriteString(out, s)
		return err
	}
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s holds %q (%v), want %q", path, got, err, want)
	}
}

// onlyFiles checks that nothing else is left in a directory.
func onlyFiles(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if fmt.Sprint(got) != fmt.Sprint(names) {
		t.Errorf("%s holds %v, want %v", dir, got, names)
	}
}

// Links stay links, be their target a file, nothing yet, or in another directory.
func TestWriteFollowsLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, err := range []error{
		os.MkdirAll(at("a/deep"), 0o755), os.Mkdir(at("b"), 0o755), os.WriteFile(at("a/file"), []byte("old"), 0o600),
		os.Symlink("file", at("a/link")), os.Symlink("../a/link", at("b/links")), os.Symlink("later", at("a/dangling")),
		os.Symlink("../a/deep", at("b/deep")), os.Symlink("deep/../file", at("b/through")), os.Symlink("loop", at("b/loop")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for path, leads := range map[string]string{
		"a/link": "a/file", "b/links": "a/file", "a/dangling": "a/later", "b/through": "a/file",
	} {
		if err := files.Write(at(path), text("new "+path)); err != nil {
			t.Error(err)
		}
		wantFile(t, at(leads), "new "+path)
		if info, err := os.Lstat(at(path)); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("%s is no link any more: %v", path, err)
		}
	}
	resultstest.WantError(t, files.Write(at("b/loop"), text("")), syscall.ELOOP.Error())
	onlyFiles(t, at("a"), "dangling", "deep", "file", "later", "link")
	onlyFiles(t, at("b"), "deep", "links", "loop", "through")
}

// What is no regular file is written into.
func TestWriteIntoPipe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink("pipe", link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, link} {
		read := make(chan string)
		go func() {
			got, err := os.ReadFile(pipe)
			read <- fmt.Sprint(string(got), err)
		}()
		if err := files.Write(path, text("through")); err != nil {
			t.Error(err)
		}
		if got := <-read; got != "through<nil>" {
			t.Errorf("read %q", got)
		}
	}
	if info, err := os.Lstat(pipe); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		t.Errorf("it is no pipe any more: %v", err)
	}
	onlyFiles(t, dir, "link", "pipe")
}

// A device stays one. Only root can make one to try that on.
func TestWriteIntoDevice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	null := filepath.Join(dir, "null")
	if err := syscall.Mknod(null, syscall.S_IFCHR|0o600, 1<<8|3); err != nil {
		t.Skipf("making a device: %v", err)
	}
	if err := files.Write(null, text("gone")); errors.Is(err, fs.ErrPermission) {
		t.Skipf("using a device: %v", err)
	} else if err != nil {
		t.Error(err)
	}
	if info, err := os.Lstat(null); err != nil || info.Mode()&fs.ModeDevice == 0 {
		t.Errorf("it is no device any more: %v", err)
	}
	onlyFiles(t, dir, "null")
}

// A file keeps its permissions; a new one has those that the umask leaves.
func TestWritePermissions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	modes := func() fs.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode()
	}
	f, err := os.OpenFile(filepath.Join(dir, "other"), os.O_CREATE, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	if err := files.Write(path, text("1")); err != nil || modes() != info.Mode() {
		t.Errorf("a new file has %v, want %v (%v)", modes(), info.Mode(), err)
	}
	for _, mode := range []fs.FileMode{0o600, 0o664, 0o777} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := files.Write(path, text("2")); err != nil || modes() != mode {
			t.Errorf("a file of %v has %v afterwards (%v)", mode, modes(), err)
		}
	}
}

// Who may not write a file does not replace it, and who may write it alone, but not
// its directory, does.
func TestWriteUnwritable(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root may write everything")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte("old"), 0o400); err != nil {
		t.Fatal(err)
	}
	resultstest.WantError(t, files.Write(path, text("new")), fmt.Sprintf("writing %q: permission denied", path))
	wantFile(t, path, "old")
	if err := errors.Join(os.Chmod(path, 0o600), os.Chmod(dir, 0o500)); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.Chmod(dir, 0o700) }() //nolint:gosec // so that it can be removed
	if err := files.Write(path, text("new")); err != nil {
		t.Error(err)
	}
	wantFile(t, path, "new")
	resultstest.WantError(t, files.Write(filepath.Join(dir, "another"), text("new")), "permission denied")
}

// The error of a directory says what it is, and one while writing leaves what was.
func TestWriteErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	for _, name := range []string{dir, dir + "/", filepath.Join(dir, "new") + "/"} {
		resultstest.WantError(t, files.Write(name, text("")), fmt.Sprintf("writing %q: it is a directory", name))
	}
	resultstest.WantError(t, files.Write(filepath.Join(dir, "no", "file"), text("")), "no such file or directory")
	if err := files.Write(path, text("old")); err != nil {
		t.Fatal(err)
	}
	resultstest.WantError(t, files.Write(path+"/x", text("")), "not a directory")
	broken := errors.New("cannot go on")
	resultstest.WantError(t, files.Write(path, func(out io.Writer) error { return errors.Join(text("half")(out), broken) }), broken.Error())
	wantFile(t, path, "old")
	long := filepath.Join(dir, strings.Repeat("n", 255))
	if err := files.Write(long, text("new")); err != nil {
		t.Error(err)
	}
	onlyFiles(t, dir, "file", filepath.Base(long))
}
