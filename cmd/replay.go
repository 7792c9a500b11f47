package cmd

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/schedule"
)

// replayTime is how long a schedule that does not fail is run: a race may take many rounds.
const replayTime = 20 * time.Second

// replay runs the schedule in a file, and fails if it fails.
func (a *app) replay(c *cobra.Command, path string) error {
	var others error
	c.Flags().Visit(func(f *pflag.Flag) {
		if f.Name != "replay" {
			others = usage.Errorf("--replay and --%s: give one of them", f.Name)
		}
	})
	if others != nil {
		return others
	}
	s, err := a.readSchedule(path)
	if err != nil {
		return usage.Errorf("--replay: %w", err)
	}
	at := slices.IndexFunc(a.known, func(k strategies.Strategy) bool { return k.Name == s.Strategy })
	if at < 0 {
		_, err := pick.Select([]string{s.Strategy}, a.known) // names what there is
		return usage.Errorf("--replay: %s: %w", path, err)
	}
	if err := s.Suits(a.known[at].Descriptor); err != nil {
		return usage.Errorf("--replay: %s: %w", path, err)
	}
	runs, failure := s.Run(c.Context(), a.known[at], schedule.Limits{Time: replayTime})
	switch {
	case failure != nil:
		fmt.Fprintf(a.stdout, "fails in run %d: promise %s: %s\n", runs, failure.Promise, failure.Detail)
		return fmt.Errorf("the schedule breaks promise %s of %s", failure.Promise, s.Strategy)
	case c.Context().Err() != nil:
		return fmt.Errorf("interrupted in run %d of the schedule", runs)
	}
	fmt.Fprintf(a.stdout, "does not fail: %d runs on %s\n", runs, s.Strategy)
	return nil
}

func (a *app) readSchedule(path string) (schedule.Schedule, error) {
	if path == "-" {
		return schedule.Parse("standard input", a.stdin)
	}
	file, err := os.Open(path)
	if err != nil {
		return schedule.Schedule{}, err
	}
	defer file.Close()
	return schedule.Parse(path, file)
}
