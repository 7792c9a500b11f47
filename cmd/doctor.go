package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/fanin-bench/fanin-bench/cmd/internal/flagvalue"
	"github.com/fanin-bench/fanin-bench/cmd/internal/terminal"
	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/harness/doctor"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
)

func (a *app) doctorCommand() *cobra.Command {
	doctor := &doctor.Doctor{Known: a.known}
	asJSON := false
	command := &cobra.Command{
		Use:   "doctor",
		Short: "check whether this machine measures reliably",
		Long: "doctor compares a strategy with itself: every difference is noise, and its size is the smallest effect\n" +
			"that this machine can show. It also checks the clock, sleeps, hiccups and other programs, and gives\n" +
			"advice for each finding. It exits 1 only if the machine cannot measure at all.",
		Example: "  fanin-bench doctor\n" +
			"  fanin-bench doctor --tries 20    at least 19 should find no difference\n" +
			"  fanin-bench doctor --strategy lanes --producers 64 --reps 30",
		Args: usage.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !c.Flags().Changed("seed") {
				doctor.Seed = scenario.NewSeed()
			}
			return a.doctor(c.Context(), doctor, asJSON)
		},
	}
	flags := command.Flags()
	flags.StringVar(&doctor.Strategy, "strategy", results.Baselines[0], "`name` of the strategy to compare with itself (see list)")
	flags.IntVar(&doctor.Producers, "producers", 4, "`count` of producers in each trial")
	flags.IntVar(&doctor.Reps, "reps", scenario.DefaultReps, "`count` of trials under each name, at least 6")
	flags.IntVar(&doctor.Tries, "tries", 1, "`count` of comparisons")
	flags.DurationVar(&doctor.Duration, "duration", 100*time.Millisecond, "approximate `duration` of a trial's measured part")
	flags.Var(flagvalue.Seed(&doctor.Seed), "seed", "`seed` of the order of trials (default: random, printed)")
	flags.BoolVar(&asJSON, "json", false, "print everything as JSON")
	return command
}

func (a *app) doctor(ctx context.Context, doctor *doctor.Doctor, asJSON bool) (err error) {
	if doctor.Command, err = a.child(); err != nil {
		return err
	}
	a.inOrder("")
	doctor.Step = func(what string) { fmt.Fprintln(a.stderr, "checking", what) }
	diagnosis, err := doctor.Diagnose(ctx)
	var field *results.FieldError
	switch {
	case errors.As(err, &field):
		return flagFault(err)
	case errors.Is(err, context.Canceled):
		return errors.New("interrupted: there is no diagnosis")
	case err != nil:
		return fmt.Errorf("this machine cannot measure: %w", err)
	}
	if asJSON {
		err = terminal.WriteJSON(a.stdout, diagnosis)
	} else {
		err = printDiagnosis(a.stdout, diagnosis)
	}
	if err != nil {
		return fmt.Errorf("printing the diagnosis: %w", err)
	}
	return nil
}

// printDiagnosis prints a diagnosis for a terminal: what was measured, then what
// is wrong.
func printDiagnosis(out io.Writer, d *doctor.Diagnosis) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	section := func(title string, lines []string) {
		for _, line := range lines {
			fmt.Fprintf(w, "%s\t%s\n", title, line)
			title = ""
		}
	}
	section("machine", machineLines(d))
	section("clock", clockLines(d))
	section("sleeps", sleepLines(d.Sleeps))
	section("hiccups", []string{"at rest: " + hiccupText(d.Idle), "every processor busy: " + hiccupText(d.Busy)})
	if d.Floor != nil {
		section("floor", []string{fmt.Sprintf("%s ns per message are the cost of the harness", units.Significant(d.Floor.Median))})
	}
	section("noise", noiseLines(d))
	fmt.Fprintln(w)
	wrong := false
	for _, f := range d.Findings {
		fmt.Fprintf(w, "%s\t%s\n\tadvice: %s\n", f.Severity, f.What, f.Advice)
		wrong = wrong || f.Severity != doctor.SeverityNote
	}
	if !wrong {
		fmt.Fprintln(w, "no problem was found")
	}
	return w.Flush()
}

func machineLines(d *doctor.Diagnosis) []string {
	e, s := d.Environment, d.System
	parts := []string{
		orUnknown(e.CPU), units.Plural(e.Cores, "core"), fmt.Sprintf("GOMAXPROCS %d", e.GOMAXPROCS),
		"governor " + orUnknown(e.Governor), "virtualization " + orUnknown(e.Virtual),
	}
	if e.CgroupCPUs > 0 {
		parts = append(parts, fmt.Sprintf("quota of %s CPUs", units.Significant(e.CgroupCPUs)))
	}
	lines := []string{strings.Join(parts, ", ")}
	parts = nil
	if e.Load1 > 0 { // no system is so idle: it is unknown
		parts = append(parts, fmt.Sprintf("load %.2f", e.Load1))
	}
	if s.OtherCores != nil {
		parts = append(parts, fmt.Sprintf("other programs use %s cores", units.Significant(*s.OtherCores)))
	}
	if s.StealShare != nil {
		parts = append(parts, fmt.Sprintf("%.1f %% of the CPU time stolen by the host", 100**s.StealShare))
	}
	if s.Throttled != nil {
		parts = append(parts, fmt.Sprintf("throttled %d times", s.Throttled.Periods))
	}
	if len(parts) > 0 {
		lines = append(lines, strings.Join(parts, ", "))
	}
	if s.AvailableBytes != nil {
		lines = append(lines, memoryText(e.MemoryBytes, s))
	}
	return lines
}

func memoryText(total uint64, s doctor.System) string {
	text := fmt.Sprintf("%s of %s memory available", units.WholeBytes(int64(*s.AvailableBytes)), units.WholeBytes(int64(total)))
	if s.SwapBytes != nil && s.SwapUsedBytes != nil {
		text += fmt.Sprintf(", %s of %s swap used", units.WholeBytes(int64(*s.SwapUsedBytes)), units.WholeBytes(int64(*s.SwapBytes)))
	}
	return text
}

func clockLines(d *doctor.Diagnosis) []string {
	c, e := d.Clock, d.Environment
	second := fmt.Sprintf("%s per reading, smallest step %s ns", units.Nanoseconds(e.ClockNs), units.Significant(c.StepNs))
	if c.ErrorPPM != nil {
		second += fmt.Sprintf(", %+.1f ppm off the monotonic clock", *c.ErrorPPM)
	}
	order := "never backwards"
	if c.BackwardNs > 0 {
		order = units.Nanoseconds(float64(c.BackwardNs)) + " backwards"
	}
	third := fmt.Sprintf("%s in %s readings by %s", order, units.Thousands(c.Readings), units.Plural(c.Threads, "thread"))
	return []string{fmt.Sprintf("%s: %s", e.Clock, c.Why), second, third}
}

func sleepLines(sleeps []doctor.SleepCheck) (lines []string) {
	for _, s := range sleeps {
		o := s.Overshoot
		lines = append(lines, fmt.Sprintf("%v overshoots by %s (p50), %s (p99), %s at most, in %d sleeps",
			time.Duration(s.AskedNs), quantile(o.P50), quantile(o.P99), units.Nanoseconds(float64(o.Max)), o.Samples))
	}
	return lines
}

func hiccupText(h *results.Host) string {
	if h == nil {
		return "unknown"
	}
	return fmt.Sprintf("p99 %s, max %s; Go's scheduler p99 %s", units.Nanoseconds(float64(h.HiccupP99Ns)),
		units.Nanoseconds(float64(h.HiccupMaxNs)), units.Nanoseconds(float64(h.SchedP99Ns)))
}

// noiseLines words the comparison of a strategy with itself.
func noiseLines(d *doctor.Diagnosis) []string {
	n := d.Noise
	lines := []string{fmt.Sprintf("%s against itself, %s, %d trials of about %v under each name, seed %d",
		n.Cell.Strategy, units.Plural(n.Cell.Producers, "producer"), n.Reps, time.Duration(n.Cell.DurationNs), d.Seed)}
	if len(n.Tries) == 1 {
		lines = append(lines, tryLines(n.Tries[0])...)
	}
	if tries := len(n.Tries); tries > 1 {
		lines = append(lines, fmt.Sprintf("no difference in %d of %d tries", tries-n.Differences, tries))
	}
	return append(lines, n.Resolution())
}

func tryLines(t doctor.AATrial) []string {
	verdict := "no difference, as expected"
	if t.Differs {
		verdict = "a false difference"
	}
	lines := []string{fmt.Sprintf("A %s, B %s ns per message", units.Significant(t.A.Median), units.Significant(t.B.Median))}
	bounds := ""
	if t.Ratio.Lo != nil && t.Ratio.Hi != nil {
		bounds = fmt.Sprintf(" (%.3f to %.3f)", *t.Ratio.Lo, *t.Ratio.Hi)
	}
	return append(lines, fmt.Sprintf("B/A %.3f%s, p = %.2g: %s", t.Ratio.Median, bounds, t.P, verdict))
}

func quantile(ns *int64) string {
	if ns == nil {
		return "?"
	}
	return units.Nanoseconds(float64(*ns))
}

func orUnknown(text string) string {
	if text == "" {
		return "unknown"
	}
	return text
}
