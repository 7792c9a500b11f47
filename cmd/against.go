package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/cmd/internal/held"
	"github.com/fanin-bench/fanin-bench/cmd/internal/terminal"
	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/files"
)

// baseSuffix is what the directory of BASE has after that of NEW.
const baseSuffix = "-base"

// opponent is another build of this program, whose trials run --against measures in
// turns with this one's. It is BASE, this program is NEW.
type opponent struct {
	path       string // absolute
	held       string // of a copy of it, which is what is measured
	version    string // "" if it does not say
	strategies []string
	built      results.Environment // how; empty if it is no Go program

	writer *results.Writer
	runner harness.Runner
}

// askTimeout is how long a program may take to list its strategies.
const askTimeout = 30 * time.Second

// findOpponent asks a program for its version and its strategies.
func (a *app) findOpponent(ctx context.Context, path string) (*opponent, error) {
	o := &opponent{}
	var err error
	if o.path, err = programAt("--against", path, "another fanin-bench"); err != nil {
		return nil, err
	}
	if o.held, err = a.held.Hold(o.path); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	list, err := o.ask(ctx, "list", "--format", "json")
	if err != nil {
		return nil, unstartable("--against", path, err)
	}
	var known []results.Strategy
	if err := json.Unmarshal(list, &known); err != nil {
		return nil, fmt.Errorf("asking %q (list --format json): its output: %w", path, files.InWords(err))
	}
	version, err := o.ask(ctx, "version")
	if err != nil {
		return nil, err
	}
	o.version = versionIn(string(version))
	for _, s := range known {
		if s.Unbuildable == "" {
			o.strategies = append(o.strategies, s.Name)
		}
	}
	o.built = machine.ReadBuild(o.held)
	return o, nil
}

// ask runs the program and returns what it prints.
func (o *opponent) ask(ctx context.Context, args ...string) ([]byte, error) {
	said, err := harness.Ask(ctx, o.held, args...)
	if errors.Is(err, fs.ErrPermission) { // of the original it is known that it can be executed
		return nil, fmt.Errorf("executing a copy of %q: %w (have TMPDIR name a directory that programs can be executed from)", o.path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("asking %q (%s): %w", o.path, strings.Join(args, " "), err)
	}
	return said, nil
}

// versionIn reads what the version verb prints.
func versionIn(line string) string {
	words := strings.Fields(line)
	if len(words) < 2 {
		return ""
	}
	return words[1]
}

// common returns the cells whose strategies the opponent has too, and says which it
// has not.
func (o *opponent) common(cells []results.Cell, stderr io.Writer) ([]results.Cell, error) {
	var lacking []string
	both := slices.DeleteFunc(slices.Clone(cells), func(c results.Cell) bool {
		lacks := !slices.Contains(o.strategies, c.Strategy)
		if lacks && !slices.Contains(lacking, c.Strategy) {
			lacking = append(lacking, c.Strategy)
		}
		return lacks
	})
	if len(both) == 0 {
		return nil, fmt.Errorf("comparing with --against %q: it lacks the strategies %s", o.path, strings.Join(lacking, ", "))
	}
	if len(lacking) > 0 {
		fmt.Fprintf(stderr, "not measured, because %s lacks them: %s\n", o.path, strings.Join(lacking, ", "))
	}
	return both, nil
}

// create makes the opponent's run directory beside that of a run, whose manifest it
// shares but for what made the program.
func (o *opponent) create(dir string, m results.Manifest) (err error) {
	e, built := &m.Environment, o.built
	m.Version, e.Go, e.GOEXPERIMENT, e.Commit, e.Build = o.version, built.Go, built.GOEXPERIMENT, built.Commit, built.Build
	m.Pair = &results.Pair{ID: m.Pair.ID, Side: results.SideBase}
	beside, err := besides(dir)
	if err != nil {
		return err
	}
	o.writer, err = results.Create(beside, m)
	return err
}

// besides names BASE's directory beside another, whatever that is called: out/, . and
// a name as long as a name can be among others.
func besides(dir string) (string, error) {
	dir = filepath.Clean(dir)
	if base := filepath.Base(dir); base == "." || base == ".." {
		var err error
		if dir, err = filepath.Abs(dir); err != nil {
			return "", fmt.Errorf("naming the directory of --against beside %q: %w", dir, err)
		}
	}
	parent, name := filepath.Split(dir)
	return parent + files.Name(name, files.MaxName-len(baseSuffix)) + baseSuffix, nil
}

// newPair names a pair of runs as this program's side has it.
func newPair() *results.Pair {
	return &results.Pair{ID: strconv.FormatUint(rand.Uint64(), 36), Side: results.SideNew}
}

// prepare takes over how trials are run.
func (o *opponent) prepare(runner harness.Runner) {
	o.runner = runner
	o.runner.Command, o.runner.Programs, o.runner.Build = []string{o.held, "trial"}, nil, ""
	if o.built.Build != nil {
		o.runner.Build = o.built.Build.ID
	}
	o.runner.Saturation = o.writer.Run().Saturation
	o.runner.Done = o.writer.Append
	o.runner.Renew = func() error { return held.Renew(o.held) }
}

// holdOwn has this program's trials executed from a copy, too: where a program's file lies in
// memory makes some strategies a few percent faster, in every process of it.
func (s *session) holdOwn() error {
	own, err := s.held.Hold(s.runner.Command[0])
	if err != nil {
		return err
	}
	s.runner.Command = append([]string{own}, s.runner.Command[1:]...)
	s.runner.Renew = func() error { return held.Renew(own) }
	return nil
}

// finishBase completes the opponent's run directory and says how to compare. That of its
// trials which failed are no fault of this program.
func (s *session) finishBase() error {
	o := s.base
	if err := o.writer.Finish(); err != nil {
		return err
	}
	if _, err := s.derive(o.writer.Run()); err != nil {
		return err
	}
	if failed := o.writer.Run().Failed(); failed > 0 {
		fmt.Fprintf(s.stderr, "warning: %d trials of %s failed\n", failed, o.path)
	}
	fmt.Fprintf(s.stderr, "compare with: fanin-bench compare %s %s\n",
		terminal.ShellQuoted(o.writer.Run().Dir), terminal.ShellQuoted(s.writer.Run().Dir))
	return nil
}

// errInTurns says why one of a pair of runs cannot be resumed.
var errInTurns = usage.Errorf("it was measured in turns with another program (--against) and cannot be continued: start a new run")
