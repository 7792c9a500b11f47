package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fanin-bench/fanin-bench/cmd/internal/terminal"
	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
)

// errOtherConditions says that a run cannot be continued as it was begun: what would be
// measured does not compare with what has been.
var errOtherConditions = errors.New("the program or its conditions have changed since the run began")

// checkConditions refuses to measure more of a run under other conditions than it began
// with or, by force, has the trials say so.
func (s *session) checkConditions(ctx context.Context, m *results.Manifest, force bool) error {
	changes := append(m.ChangesTo(versionText(), machine.ReadEnvironment(ctx)), s.changedPrograms(m)...)
	if len(changes) == 0 {
		return nil
	}
	s.changes = strings.Join(changes, ", ")
	if force {
		fmt.Fprintln(s.stderr, "warning: the conditions have changed since the run began:", s.changes)
		return nil
	}
	return fmt.Errorf("%w: %s (restore them, start a new run, or continue with --force-resume, which marks every trial)",
		errOtherConditions, s.changes)
}

// changedPrograms names the other programs that are not what they were.
func (a *app) changedPrograms(m *results.Manifest) (changes []string) {
	seen := map[string]bool{}
	for _, was := range m.Strategies {
		now := a.programs[was.Name]
		if was.ProgramDigest == "" || was.ProgramDigest == now.Digest || seen[now.Path] {
			continue
		}
		seen[now.Path] = true
		changes = append(changes, fmt.Sprintf("program %s %.12s -> %s", now.Path, was.ProgramDigest, cmp.Or(now.Digest[:min(12, len(now.Digest))], "none")))
	}
	return changes
}

// store stores a trial with what its conditions were.
func (s *session) store(t results.Trial) error {
	t.OtherConditions = s.changes
	return s.writer.Append(t)
}

// slotsLeft lists the trials that a run still needs and, if those that failed are to be
// measured again, how many of them are such. What ended as the run expects has not
// failed.
func slotsLeft(run *results.Run, retry bool) (slots []scenario.Slot, again int) {
	type key struct {
		cell  results.Cell
		block int
	}
	m := &run.Manifest
	failed := make(map[key]bool, len(run.Trials))
	for _, t := range run.Trials {
		failed[key{t.Cell, t.Block}] = t.Failure != nil && !m.Expects(t.Failure)
	}
	for _, slot := range (scenario.Plan{Cells: m.Cells, Reps: m.Reps, Fewer: m.Fewer(), Seed: m.Seed}).Slots() {
		failed, ended := failed[key{slot.Cell, slot.Block}]
		switch {
		case !ended:
			slots = append(slots, slot)
		case failed && retry:
			slots = append(slots, slot)
			again++
		}
	}
	return slots, again
}

// standing is the error of a run that has trials which failed unexpectedly.
func (s *session) standing() error {
	run := s.writer.Run()
	failed := run.Failed()
	if failed == 0 {
		return nil
	}
	text := fmt.Sprintf("%d of %d trials failed", failed, len(run.Trials))
	if s.base == nil {
		text += "; measure them again with: fanin-bench run --retry-failed --out " + terminal.ShellQuoted(run.Dir) + programFlags(&run.Manifest)
	}
	return errors.New(text)
}
