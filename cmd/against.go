package cmd

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/results"
)

// baseSuffix is what the directory of BASE has after that of NEW.
const baseSuffix = "-base"

// opponent is another build of this program, whose trials run --against measures in
// turns with this one's. It is BASE, this program is NEW.
type opponent struct {
	path       string // absolute
	version    string // "" if it does not say
	strategies []string
	build      *buildinfo.BuildInfo // nil if it is no Go program

	writer *results.Writer
	runner harness.Runner
	failed int
}

// askTimeout is how long a program may take to list its strategies.
const askTimeout = 30 * time.Second

// findOpponent asks a program for its version and its strategies.
func findOpponent(ctx context.Context, path string) (*opponent, error) {
	absolute, err := programAt("--against", path, "another fanin-bench")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	list, err := ask(ctx, absolute, "list", "--format", "json")
	if err != nil {
		return nil, err
	}
	var known []results.Strategy
	if err := json.Unmarshal(list, &known); err != nil {
		return nil, fmt.Errorf("asking %q (list --format json): its output: %w", path, results.InWords(err))
	}
	version, err := ask(ctx, absolute, "version")
	if err != nil {
		return nil, err
	}
	o := &opponent{path: absolute, version: versionIn(string(version))}
	for _, s := range known {
		if s.Unbuildable == "" {
			o.strategies = append(o.strategies, s.Name)
		}
	}
	// Where it was not made by Go, what it was made with stays unknown.
	o.build, _ = buildinfo.ReadFile(absolute) //nolint:errcheck // see above
	return o, nil
}

// ask runs a program and returns what it prints.
func ask(ctx context.Context, path string, args ...string) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	asked := exec.CommandContext(ctx, path, args...)
	asked.Stdout, asked.Stderr = &stdout, &stderr
	if err := asked.Run(); err != nil {
		if first, _, _ := strings.Cut(stderr.String(), "\n"); first != "" {
			err = fmt.Errorf("%w: %q", err, first)
		}
		return nil, fmt.Errorf("asking %q (%s): %w", path, strings.Join(args, " "), err)
	}
	return stdout.Bytes(), nil
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
		return nil, fmt.Errorf("comparing with --against %q: it has none of the strategies %s", o.path, strings.Join(lacking, ", "))
	}
	if len(lacking) > 0 {
		fmt.Fprintf(stderr, "not measured, for %s lacks them: %s\n", o.path, strings.Join(lacking, ", "))
	}
	return both, nil
}

// create makes the opponent's run directory beside that of a run, whose manifest it
// shares but for what made the program.
func (o *opponent) create(dir string, m results.Manifest) (err error) {
	m.Version, m.Environment.Go, m.Environment.Commit = o.version, "", ""
	if o.build != nil {
		m.Environment.Go, m.Environment.Commit = o.build.GoVersion, harness.Revision(o.build)
	}
	m.Pair = &results.Pair{ID: m.Pair.ID, Side: results.SideBase}
	o.writer, err = results.Create(dir+baseSuffix, m)
	return err
}

// newPair names a pair of runs as this program's side has it.
func newPair() *results.Pair {
	return &results.Pair{ID: strconv.FormatUint(rand.Uint64(), 36), Side: results.SideNew}
}

// prepare takes over how trials are run.
func (o *opponent) prepare(runner harness.Runner) {
	o.runner = runner
	o.runner.Command, o.runner.Programs = []string{o.path, "trial"}, nil
	o.runner.Saturation = o.writer.Run().Saturation
	o.runner.Done = storing(o.writer, &o.failed)
}

// inTurns executes each slot by both programs right after each other, whose order is
// drawn: what drifts hits both alike, and neither always has the other's heat and
// caches.
func (s *session) inTurns(ctx context.Context) error {
	coin := rand.New(rand.NewPCG(s.writer.Run().Manifest.Seed, uint64(len(s.slots))))
	for _, slot := range s.slots {
		turns := []*harness.Runner{&s.runner, &s.base.runner}
		if coin.IntN(2) == 0 {
			slices.Reverse(turns)
		}
		for _, runner := range turns {
			if err := runner.Run(ctx, []harness.Slot{slot}); err != nil {
				return err
			}
		}
	}
	return nil
}

// finishBase completes the opponent's run directory and says how to compare. That of its
// trials which failed are no fault of this program.
func (s *session) finishBase() error {
	o := s.base
	if err := o.writer.Finish(); err != nil {
		return err
	}
	if o.failed > 0 {
		fmt.Fprintf(s.stderr, "warning: %d trials of %s failed\n", o.failed, o.path)
	}
	fmt.Fprintf(s.stderr, "compare with: fanin-bench compare %s %s\n", o.writer.Run().Dir, s.writer.Run().Dir)
	return nil
}

// errInTurns says why one of a pair of runs cannot be resumed.
var errInTurns = errors.New("it was measured in turns with another program, and cannot be continued: begin again")
