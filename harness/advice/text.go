package advice

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// String words the workload.
func (w Workload) String() string {
	parts := []string{units.Plural(w.Producers, "producer")}
	if w.Arrival == results.ArrivalClosed {
		parts = append(parts, "each as fast as possible")
	} else {
		parts = append(parts, fmt.Sprintf("%s together (%s)", units.PerSecond(w.Rate), w.Arrival))
	}
	parts = append(parts, units.Bytes(float64(w.Payload))+" per item")
	if w.Processes > 0 {
		parts = slices.Insert(parts, 1, fmt.Sprintf("in %d processes", w.Processes))
	}
	if w.SendBatch > 1 {
		parts = append(parts, fmt.Sprintf("%d items per send", w.SendBatch))
	}
	if w.Sharing == results.SharingShared {
		parts = append(parts, "all through one Sender")
	}
	switch {
	case w.Lifetime > 0 && w.Sharing == results.SharingOpen:
		parts = append(parts, "a handle for each "+units.Plural(int(w.Lifetime), "item"))
	case w.Lifetime > 0:
		parts = append(parts, "a goroutine for each "+units.Plural(int(w.Lifetime), "item"))
	}
	if w.ProducerCostNs > 0 {
		parts = append(parts, fmt.Sprintf("producer cost %v per item", time.Duration(w.ProducerCostNs)))
	}
	if w.ConsumerCostNs > 0 {
		parts = append(parts, fmt.Sprintf("consumer cost %v per item", time.Duration(w.ConsumerCostNs)))
	}
	if w.Busy > 0 {
		text := "beside " + units.Plural(w.Busy, "busy neighbour")
		if w.BusyKind != "" {
			text += " of kind " + w.BusyKind
		}
		parts = append(parts, text)
	}
	if w.Others != "" {
		parts = append(parts, w.Others)
	}
	return strings.Join(parts, ", ")
}

// WriteText writes the advice for a terminal: the answer, what it rests on, and the
// code.
func (a *Advice) WriteText(out io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "\nworkload: %s\n\n%s\n", a.Workload, a.verdict())
	for _, note := range a.Notes {
		fmt.Fprintln(&b, "note:", note)
	}
	for _, warning := range a.Warnings {
		fmt.Fprintln(&b, "warning:", warning)
	}
	a.writeCandidates(&b)
	if len(a.Excluded) > 0 {
		fmt.Fprintln(&b, "\nExcluded:")
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, e := range a.Excluded {
			fmt.Fprintf(w, "  %s\t%s\n", e.Strategy, e.Why)
		}
		_ = w.Flush() // to memory
	}
	if len(a.Candidates) > 0 {
		fmt.Fprintf(&b, "\n%s\n", a.Rule)
	}
	a.writeCode(&b)
	_, err := out.Write(b.Bytes())
	return err
}

// verdict is the answer in a sentence.
func (a *Advice) verdict() string {
	switch {
	case a.Outcome == OutcomeNotDecided:
		text := fmt.Sprintf("Not decided: %s. %s.", strings.Join(a.Reasons, "; "), a.Needs)
		if a.Pick != "" {
			text += "\nFor the workload above: " + a.choice()
		}
		return text
	case len(a.Candidates) == 0:
		return "Nothing meets the guarantees."
	case a.Pick == "" && a.Workload.Rate == 0:
		return "Nothing was measured without a failure."
	case a.Pick == "":
		best := a.Candidates[0]
		text := fmt.Sprintf("Nothing sustains %s.", units.PerSecond(a.Workload.Rate))
		if best.Throughput != nil {
			text += fmt.Sprintf(" The most was %s of %s.", withInterval(best.Throughput, units.PerSecond), best.Name)
		}
		return text
	}
	return a.choice()
}

// choice names the pick with what it lacks, and what ties with it.
func (a *Advice) choice() string {
	text := "Use " + a.Pick + "."
	if a.DoesNotMatter {
		text = a.indifference()
	} else if len(a.Winners) > 1 {
		others := slices.DeleteFunc(slices.Clone(a.Winners), func(name string) bool { return name == a.Pick })
		text = fmt.Sprintf("A tie: use %s, or %s. This run shows no difference between them.", a.Pick, strings.Join(others, ", "))
	}
	for _, x := range a.Candidates {
		if x.Name == a.Pick && len(x.Lacks) > 0 {
			text += fmt.Sprintf(" %s does not promise %s.", a.Pick, strings.Join(x.Lacks, ", "))
		}
	}
	if len(a.Unclear) > 0 {
		text += fmt.Sprintf(" It does not show whether these are worse: %s.", strings.Join(a.Unclear, ", "))
	}
	return text
}

// indifference says that a channel is as good as any, and what the best would gain.
func (a *Advice) indifference() string {
	text := "It does not matter: use a channel (" + a.Pick + ")."
	if over := a.Candidates[0].Against; over != nil {
		return text + fmt.Sprintf(" It takes %s times as long as the best.", withInterval(over, units.Significant))
	}
	return text + " No other is better."
}

// writeCandidates writes the table of candidates.
func (a *Advice) writeCandidates(out io.Writer) {
	if len(a.Candidates) == 0 {
		return
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	last := "CPU/ITEM"
	if a.Workload.Busy > 0 {
		last = "NEIGHBOURS"
	}
	memory := "PROCESS"
	if a.Candidates[0].QueueBytes != nil {
		memory = "FULL QUEUE\tPROCESS"
	}
	if a.Quantile > 0 {
		fmt.Fprintf(w, "\nPLACE\tSTRATEGY\tSUSTAINS\t%s p%g\tTIMES THE BEST\tLOST\t%s\t%s\n", strings.ToUpper(a.Times), 100*a.Quantile, memory, last)
	} else {
		fmt.Fprintf(w, "\nPLACE\tSTRATEGY\tTHROUGHPUT\tTIME, TIMES THE BEST\tLOST\t%s\t%s\n", memory, last)
	}
	dashed := false
	for _, x := range a.Candidates {
		row := []string{"-", x.Name}
		if x.Place > 0 {
			row[0] = fmt.Sprint(x.Place)
		}
		if a.Quantile > 0 {
			row = append(row, x.Sustains, withInterval(x.times(), units.Nanoseconds))
		} else {
			row = append(row, x.throughput())
		}
		row = append(row, withInterval(x.Against, units.Significant), lossText(x.LostShare))
		if x.QueueBytes != nil {
			row = append(row, units.Bytes(float64(*x.QueueBytes)))
		}
		row = append(row, medianText(x.PeakBytes, units.Bytes))
		if a.Workload.Busy > 0 { // whose time cannot be told from the fan-in's
			row = append(row, medianText(x.Neighbours, units.Significant))
		} else {
			row = append(row, medianText(x.CPU, units.Nanoseconds))
		}
		dashed = dashed || slices.Contains(row, "-")
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush() // to its caller's memory
	if dashed {
		fmt.Fprintln(out, "-: not ranked, or not measured.")
	}
	if slices.ContainsFunc(a.Candidates, func(x Candidate) bool { return a.Quantile == 0 && x.NearFloor }) {
		fmt.Fprintln(out, "≥: it takes less than twice the harness floor, so that its own throughput is higher and times the best tell less.")
	}
	fmt.Fprintln(out, "Values are medians over trials with 95 % intervals; equal places are a tie.")
	fmt.Fprintln(out, "PROCESS is the resident memory of the whole process. PROCESS and CPU include the harness.")
	if a.Candidates[0].QueueBytes != nil {
		fmt.Fprintln(out, "FULL QUEUE is the measured size of a full queue, with its items and their payloads.")
	}
	if a.Workload.Busy > 0 {
		fmt.Fprintln(out, "NEIGHBOURS is the speed of the neighbours beside the fan-in, as a share of their speed alone.")
	}
	for _, x := range a.Candidates {
		if x.Why != "" {
			fmt.Fprintf(out, "%s %s.\n", x.Name, x.Why)
		}
	}
}

// throughput words it, as a bound where the harness takes over half of the time.
func (x *Candidate) throughput() string {
	text := withInterval(x.Throughput, units.PerSecond)
	if x.NearFloor {
		text = "≥ " + text
	}
	return text
}

func lossText(share float64) string {
	switch {
	case share == 0:
		return "none"
	case share < 0.0001:
		return "<0.01 %"
	default:
		return units.Significant(100*share) + " %"
	}
}

func medianText(i *stat.Interval, text func(float64) string) string {
	if i == nil {
		return "-"
	}
	return text(i.Median)
}

// withInterval writes "1.20 µs (1.10 µs to 1.30 µs)".
func withInterval(i *stat.Interval, text func(float64) string) string {
	if i == nil || i.Lo == nil || i.Hi == nil {
		return medianText(i, text)
	}
	return fmt.Sprintf("%s (%s to %s)", text(i.Median), text(*i.Lo), text(*i.Hi))
}

// writeCode writes the Go that uses the pick.
func (a *Advice) writeCode(out io.Writer) {
	switch {
	case a.Pick == "":
		return
	case a.Code == "":
		fmt.Fprintf(out, "\nThis program knows no exported constructor of %s.\n", a.Pick)
		return
	}
	fmt.Fprintf(out, "\nGo code for %s; Event, source and handle are yours:\n\n", a.Pick)
	for _, path := range a.Imports {
		fmt.Fprintf(out, "\timport %q\n", path)
	}
	fmt.Fprintln(out)
	for line := range strings.Lines(a.Code) {
		fmt.Fprint(out, "\t"+line)
	}
}
