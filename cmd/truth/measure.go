package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/compare"
	"github.com/fanin-bench/fanin-bench/results/files"
)

// script is the gate that is tried.
const script = ".ci/bench-ci"

// run takes one run after the other until all are there, and prints after each what there
// is.
func (p *plan) run(ctx context.Context, onlyReport bool, out io.Writer) error {
	if err := os.MkdirAll(p.dir, 0o755); err != nil {
		return err
	}
	lock, err := files.LockDir(p.dir)
	if err != nil {
		return fmt.Errorf("%s: %w", p.dir, err)
	}
	defer lock.Release()
	for made := 0; ; made++ {
		entries, err := readJournal(p.journal)
		if err != nil {
			return err
		}
		if err := p.report(entries, out); err != nil {
			return err
		}
		j, ok := p.next(p.counted(entries), time.Now())
		if !ok || onlyReport || (p.most > 0 && made == p.most) {
			return nil
		}
		e, err := p.take(ctx, j, entries, out)
		if err != nil {
			return err
		}
		if err := note(p.journal, e); err != nil {
			return err
		}
	}
}

// take takes a run. What a stopped one left behind is removed.
func (p *plan) take(ctx context.Context, j job, entries []entry, out io.Writer) (entry, error) {
	e := entry{Kind: j.kind, Started: time.Now().UTC().Truncate(time.Second), Machine: p.machine, Slower: j.slower}
	n := 1
	for slices.ContainsFunc(entries, func(e entry) bool { return e.Name == fmt.Sprintf("%s-%03d", j.kind, n) }) {
		n++
	}
	e.Name = fmt.Sprintf("%s-%03d", j.kind, n)
	fmt.Fprintf(out, "\n%s, %s: %s\n", time.Now().Format(time.TimeOnly), e.Name, j)
	dir := filepath.Join(p.dir, e.Name)
	if err := os.RemoveAll(dir); err != nil {
		return e, err
	}
	took, measure := time.Now(), p.takeSweep
	if j.kind == kindGate {
		measure = p.takeGate
	}
	err := measure(ctx, &e, dir)
	e.WallNs = int64(time.Since(took))
	return e, err
}

// String says what a job measures.
func (j job) String() string {
	switch {
	case j.kind == kindSweep:
		return "the default run"
	case len(j.slower) == 0:
		return "bench-ci, nothing is slower"
	default:
		var parts []string
		for _, s := range j.slower {
			parts = append(parts, fmt.Sprintf("%s is slower by %s", s.Strategy, percent(s.Share)))
		}
		return "bench-ci, " + strings.Join(parts, ", ")
	}
}

// takeSweep takes a default run.
func (p *plan) takeSweep(ctx context.Context, e *entry, dir string) error {
	e.Flags = p.sweepFlags
	arguments := append([]string{"run", "--out", dir}, strings.Fields(p.sweepFlags)...)
	code, said, err := execute(ctx, nil, p.program, arguments...)
	if err != nil {
		return err
	}
	run, err := results.Open(dir)
	if err != nil {
		return fmt.Errorf("%s ended with exit code %d: %w\n%s", e.Name, code, err, said)
	}
	e.Version, e.Exit = run.Manifest.Version, code
	e.noteFailures(run)
	e.noteRatios(run)
	return nil
}

// noteFailures notes which trials of a run failed, and why.
func (e *entry) noteFailures(run *results.Run) {
	e.Failed += run.Failed()
	for i := range run.Trials {
		if t := &run.Trials[i]; t.Failure != nil {
			e.Why = append(e.Why, fmt.Sprintf("%s: %s: %s", t.Cell, t.Failure.Kind, t.Failure.Detail))
		}
	}
}

// noteRatios notes the ratios of a sweep to its baseline.
func (e *entry) noteRatios(run *results.Run) {
	e.Baseline = run.Manifest.Baseline()
	summary := results.Summarize(run)
	for i := range summary.Cells {
		c := &summary.Cells[i]
		if interval := c.Interval(run.Manifest.Speedup()); interval != nil {
			base, _ := run.Manifest.BaselineOf(c.Cell)
			e.Ratios = append(e.Ratios, ratio{c.Cell.String(), *interval, run.Ratios(c.Cell, base).InTurns()})
		}
	}
}

// takeGate has bench-ci judge a program against itself, or against one with slower
// strategies.
func (p *plan) takeGate(ctx context.Context, e *entry, dir string) error {
	e.Flags = p.gateFlags
	programs, err := os.MkdirTemp("", "truth")
	if err != nil {
		return err
	}
	defer os.RemoveAll(programs) //nolint:errcheck // of no use to anybody
	before, after := filepath.Join(programs, "before"), filepath.Join(programs, "after")
	if err := errors.Join(p.build(ctx, p.version, setting(e.Slower, 0), before), p.build(ctx, p.version, setting(e.Slower, 1), after)); err != nil {
		return err
	}
	environment := []string{"OUT=" + dir, "BASE_PROGRAM=" + before, "NEW_PROGRAM=" + after, "ARGS=" + p.gateFlags, "COMPARE=", "GITHUB_STEP_SUMMARY="}
	code, said, err := execute(ctx, environment, "bash", script)
	if err != nil {
		return err
	}
	e.Exit = code
	base, next := filepath.Join(dir, "run-base"), filepath.Join(dir, "run")
	if err := e.judge(base, next); err != nil {
		return fmt.Errorf("%s ended with exit code %d: %w\n%s", e.Name, code, err, said)
	}
	for _, run := range []string{base, next} { // the comparison stays
		if err := os.RemoveAll(run); err != nil {
			return err
		}
	}
	return nil
}

// setting is that of cmd/slowed for strategies that take longer by so many times their shares:
// none for what they are compared with, so that no more differs.
func setting(slower []slowed, times float64) string {
	var settings []string
	for _, s := range slower {
		settings = append(settings, fmt.Sprintf("%s:%g", s.Strategy, times*s.Share))
	}
	return strings.Join(settings, ",")
}

// settingLength is to what length settings are filled up: what stands behind one in memory
// stands there in all programs.
const settingLength = 120

// build builds cmd/slowed.
func build(ctx context.Context, version, setting, name string) error {
	flags := "-X main.slowed=" + setting + strings.Repeat(",", max(0, settingLength-len(setting)))
	if version != "" {
		flags += " -X github.com/fanin-bench/fanin-bench/cmd.version=" + version
	}
	code, said, err := execute(ctx, nil, "go", "build", "-ldflags", flags, "-o", name, "./cmd/slowed")
	if err == nil && code != 0 {
		err = fmt.Errorf("building cmd/slowed: %s", said)
	}
	return err
}

// judge reads what two runs in turns came to.
func (e *entry) judge(base, next string) error {
	b, err := results.Open(base)
	if err != nil {
		return err
	}
	n, err := results.Open(next)
	if err != nil {
		return err
	}
	diff, err := compare.Runs(b, n, results.Choice{})
	if err != nil {
		return err
	}
	if len(diff.Differences) > 0 {
		return fmt.Errorf("the two programs are not comparable: %s", diff.Differences[0])
	}
	e.Version = b.Manifest.Version
	e.noteFailures(b)
	e.noteFailures(n)
	for _, cell := range diff.Cells {
		for _, m := range cell.Metrics {
			if !m.Gates || m.Ratio == nil {
				continue
			}
			if m.Verdict == compare.Worse {
				e.Worse = append(e.Worse, loss{cell.Strategy, m.Metric, math.Abs(m.Ratio.Median - 1), m.MostLost()})
			}
			i := slices.IndexFunc(e.Slower, func(s slowed) bool { return s.Strategy == cell.Strategy })
			if i >= 0 && e.Slower[i].Measured == nil {
				e.Slower[i].Measured = new(slower(m))
			}
		}
	}
	return nil
}

// slower returns how much longer NEW takes than BASE, as a share.
func slower(m compare.MetricDiff) float64 {
	if slices.ContainsFunc(results.Compared(), func(q *results.Quantity) bool { return q.Name == m.Metric && q.HigherIsBetter }) {
		return 1/m.Ratio.Median - 1
	}
	return m.Ratio.Median - 1
}

// execute runs a command and returns its exit code and the end of what it says. It is an
// error that it did not end by itself.
func execute(ctx context.Context, environment []string, name string, arguments ...string) (code int, said string, err error) {
	child := exec.CommandContext(ctx, name, arguments...)
	child.Env = append(os.Environ(), environment...)
	var output strings.Builder
	child.Stdout, child.Stderr = &output, &output
	err = harness.RunIsolated(child)
	said = output.String()
	said = said[max(0, len(said)-mostSaid):]
	switch {
	case ctx.Err() != nil:
		return 0, "", errors.New("stopped; what is in the journal counts, and the same command goes on from there")
	case child.ProcessState == nil || child.ProcessState.ExitCode() < 0:
		return 0, "", fmt.Errorf("running %s: %w\n%s", name, err, said)
	}
	return child.ProcessState.ExitCode(), said, nil
}

// mostSaid is how much of what a run printed is shown where it failed.
const mostSaid = 2000
