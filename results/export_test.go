package results

import (
	"io"
	"slices"
	"sync"
)

// What the tests in results_test need from inside. They are outside because
// resultstest imports this package.
var (
	CheckName    = checkName
	ReadManifest = readManifest
)

// ReadTrials is readTrials for the cells of a manifest.
func ReadTrials(in io.Reader, name string, m *Manifest) ([]Trial, int64, []string, error) {
	return readTrials(in, name, newChecker(m))
}

// FailAfter makes the writer's file take n more bytes and then fail with err,
// as a full disk does. It returns what makes room again.
func (w *Writer) FailAfter(n int, err error) (undo func()) {
	file := w.file
	w.file = &fullDisk{appendFile: file, left: n, err: err}
	return func() { w.file = file }
}

type fullDisk struct {
	appendFile
	left int
	err  error
}

func (f *fullDisk) Write(p []byte) (int, error) {
	if len(p) <= f.left {
		f.left -= len(p)
		return f.appendFile.Write(p)
	}
	n, err := f.appendFile.Write(p[:f.left])
	f.left = 0
	if err != nil {
		return n, err
	}
	return n, f.err
}

// AddQuantity declares another quantity until undo.
func AddQuantity(q *Quantity) (undo func()) {
	all := quantities
	use := func(table []*Quantity) { quantities, fields = table, sync.OnceValue(listFields) }
	use(append(slices.Clone(all), q))
	return func() { use(all) }
}
