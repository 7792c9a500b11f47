package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/fanin-bench/fanin-bench/results/files"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// entry is what came of a run.
type entry struct {
	Kind    string    `json:"kind"`
	Name    string    `json:"name"` // of its directory
	Started time.Time `json:"started"`
	WallNs  int64     `json:"wall_ns"`
	Machine string    `json:"machine"`
	Version string    `json:"version"` // of the program
	Flags   string    `json:"flags"`

	// Of a sweep.
	Baseline string  `json:"baseline,omitempty"`
	Ratios   []ratio `json:"ratios,omitempty"` // to the baseline

	// Of a gate run.
	Slower []slowed `json:"slower,omitempty"` // what took longer on purpose
	Exit   int      `json:"exit,omitempty"`   // of bench-ci
	Failed int      `json:"failed,omitempty"` // trials
	Why    []string `json:"why,omitempty"`    // they failed
	Worse  []loss   `json:"worse,omitempty"`  // what was told to be worse
}

// ratio is that of a cell's throughput to the baseline's.
type ratio struct {
	Cell string `json:"cell"` // its parameters
	stat.Interval
	InTurns bool `json:"in_turns,omitempty"`
}

// loss is a cell that was told to be worse.
type loss struct {
	Strategy string  `json:"strategy"`
	Metric   string  `json:"metric"`
	Share    float64 `json:"share"` // of what it had
	Most     float64 `json:"most"`  // that it may be, as --fail-on counts
}

// readJournal reads the entries of a file; without one there are none. A last line that
// was cut off is ignored.
func readJournal(name string) ([]entry, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var entries []entry
	lines := bytes.Split(text, []byte("\n"))
	for i, line := range lines[:len(lines)-1] {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("reading %s, line %d: %w", name, i+1, files.InWords(err))
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// note adds an entry to a journal, in place of a last line that was cut off.
func note(name string, e entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	return files.Write(name, func(w io.Writer) error {
		_, err := w.Write(append(append(whole, line...), '\n'))
		return err
	})
}
