package results

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fanin-bench/fanin-bench/results/files"
)

// maxLineBytes bounds a line of trials.ndjson and the whole manifest. A line
// with a full histogram and the end of a crash's stderr takes well under 100 kB.
const maxLineBytes = 16 << 20

// Run is the content of a run directory.
type Run struct {
	Dir      string
	Manifest Manifest
	Trials   []Trial  // in the order they ended
	Warnings []string // what was odd about the files, not about the results

	Superseded []Trial // those that failed and were measured again
}

// Missing returns how many trials of the plan have not been stored.
func (r *Run) Missing() int {
	return max(0, r.Manifest.Planned()-len(r.Trials))
}

// Open reads a run directory. The last line of trials.ndjson may be torn, as a
// killed run leaves it: that is a warning. Anything else that is wrong is an
// error that names the file and the line.
func Open(path string) (*Run, error) {
	run, _, _, err := open(path)
	return run, err
}

// open is Open that also returns the checker and the size of the whole lines,
// for adding more.
func open(path string) (*Run, *checker, int64, error) {
	if err := isDirectory(path); err != nil {
		return nil, nil, 0, err
	}
	name := filepath.Join(path, ManifestFile)
	manifest, err := readManifestFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, 0, noManifest(path)
	}
	if err != nil {
		return nil, nil, 0, err
	}
	run := &Run{Dir: path, Manifest: *manifest}
	check := newChecker(&run.Manifest)
	name = filepath.Join(path, TrialsFile)
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		run.Warnings = append(run.Warnings, TrialsFile+" is missing: no trial has been stored")
		return run, check, 0, nil
	}
	if err != nil {
		return nil, nil, 0, fmt.Errorf("reading %q: %w", name, files.Cause(err))
	}
	defer f.Close()
	trials, size, warnings, err := readTrials(f, name, check)
	if err != nil {
		return nil, nil, 0, err
	}
	run.Trials, run.Superseded = check.standing(trials)
	run.Warnings = append(run.Warnings, warnings...)
	return run, check, size, nil
}

func noManifest(path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("opening the run directory %q: it does not exist", path)
	}
	return fmt.Errorf("opening the run directory %q: it has no %s", path, ManifestFile)
}

func readManifestFile(name string) (*Manifest, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading %q: %w", name, files.Cause(err))
	}
	defer f.Close()
	m, err := readManifest(f)
	if err != nil {
		return nil, fmt.Errorf("reading %q: %w", name, files.Cause(err))
	}
	return m, nil
}

func readManifest(in io.Reader) (*Manifest, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxLineBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxLineBytes {
		return nil, fmt.Errorf("it is over the limit of %d bytes", maxLineBytes)
	}
	if err := checkSchema(data); err != nil {
		return nil, err
	}
	if err := checkShape(data); err != nil {
		return nil, err
	}
	var m Manifest
	if err := files.ReadJSON(data, &m); err != nil {
		return nil, err
	}
	return &m, m.validate()
}

// checkSchema looks at the schema version alone, first: what another version
// does to the other fields would only give misleading errors.
func checkSchema(data []byte) error {
	var head struct {
		Schema *int `json:"schema"`
	}
	if err := files.ReadJSON(data, &head); err != nil {
		return err
	}
	if head.Schema == nil {
		return fmt.Errorf("it has no schema version; this program reads version %d", SchemaVersion)
	}
	if *head.Schema != SchemaVersion {
		return fmt.Errorf("it has schema version %d; this program reads version %d", *head.Schema, SchemaVersion)
	}
	return nil
}

// count is how many elements the lists under one key have, all its repetitions
// together.
type count int64

// UnmarshalJSON implements json.Unmarshaler.
func (c *count) UnmarshalJSON(data []byte) error {
	var list []nothing
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*c += count(len(list))
	return nil
}

// nothing is an element of JSON that takes no memory.
type nothing struct{}

// UnmarshalJSON implements json.Unmarshaler.
func (*nothing) UnmarshalJSON([]byte) error { return nil }

// checkShape counts the elements of a manifest's lists before they are read: two
// bytes of text are enough for an element of some hundred in memory.
func checkShape(data []byte) error {
	var shape struct{ Cells, Strategies, Merged, Machines, Expect count }
	if err := files.ReadJSON(data, &shape); err != nil {
		return err
	}
	return firstOutside(
		bounds{"number of cells", int64(shape.Cells), 1, maxCells},
		bounds{"number of strategies", int64(shape.Strategies), 0, maxIndex},
		bounds{"number of merged runs", int64(shape.Merged), 0, maxIndex},
		bounds{"number of machines", int64(shape.Machines), 0, maxIndex},
		bounds{"number of expected kinds of failure", int64(shape.Expect), 0, int64(len(Expectable()))},
	)
}

// readTrials reads the lines of a trials.ndjson called name. It returns the
// trials, the size of the lines that are whole, and a warning if the last one
// is not. A trial takes no more memory than its line, but for the Trial itself.
func readTrials(in io.Reader, name string, check *checker) (trials []Trial, size int64, warnings []string, err error) {
	r := bufio.NewReaderSize(in, 64<<10)
	for number := 1; ; number++ {
		line, err := readLine(r)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, 0, nil, fmt.Errorf("%s:%d: %w", name, number, files.Cause(err))
		}
		if len(line) == 0 {
			return trials, size, nil, nil
		}
		trial, err := readTrial(line, check)
		if err != nil && !json.Valid(line) && atEnd(r) {
			return trials, size, []string{fmt.Sprintf("%s:%d: the last line is torn, as if the run was killed while writing it; "+
				"the %d trials before it were kept", filepath.Base(name), number, len(trials))}, nil
		}
		if err != nil {
			return nil, 0, nil, fmt.Errorf("%s:%d: %w", name, number, err)
		}
		check.add(trial)
		trials = append(trials, *trial)
		size += int64(len(line))
	}
}

// readLine reads one line with its line feed. Only the last may lack it.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLineBytes {
			return nil, fmt.Errorf("the line is over the limit of %d bytes", maxLineBytes)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

func atEnd(r *bufio.Reader) bool {
	_, err := r.Peek(1)
	return errors.Is(err, io.EOF)
}

func readTrial(line []byte, check *checker) (*Trial, error) {
	if len(bytes.TrimSpace(line)) == 0 {
		return nil, errors.New("the line is empty")
	}
	if err := checkSchema(line); err != nil {
		return nil, err
	}
	var t Trial
	if err := files.ReadJSON(line, &t); err != nil {
		return nil, err
	}
	if err := check.trial(&t); err != nil {
		return nil, err
	}
	t.Cell = *check.cells[t.Cell] // whose texts are one for all its trials
	return &t, nil
}
