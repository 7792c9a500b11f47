package terminal

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// Progress shows how far a run is: a bar with the time left on a terminal, a
// line every now and then elsewhere, and each failure as it happens.
type Progress struct {
	out     io.Writer
	errors  io.Writer                // for what went wrong
	run     *results.Manifest        // which failures it expects
	bar     *progressbar.ProgressBar // nil where there is no terminal
	total   int
	done    int
	all     time.Duration // what the trials are expected to take, and
	over    time.Duration // those that are done: some take ten times as long as others
	started time.Time
	said    time.Time
}

// sayEvery is how often a log, which somebody may be watching, gets a line.
const sayEvery = 10 * time.Second

// NewProgress shows the progress of a run of trials, each made by so many programs. Failures go
// to errors, unless the run expects them.
func NewProgress(out, errors io.Writer, slots []scenario.Slot, programs int, run *results.Manifest) *Progress {
	p := &Progress{out: out, errors: errors, run: run, total: programs * len(slots), started: time.Now(), said: time.Now()}
	for _, slot := range slots {
		p.all += time.Duration(programs) * trial.Expected(slot.Cell, run.MemoryLimit)
	}
	p.bar = newBar(out, int64(p.total), false)
	return p
}

// newBar returns a bar, or nil where there is no terminal. It may predict the time left, as if
// all steps took the same.
func newBar(out io.Writer, total int64, predicts bool) *progressbar.ProgressBar {
	if !Is(out) {
		return nil
	}
	return progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(out),
		progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(predicts),
		progressbar.OptionSetWidth(20), // so that all fits into 80 columns
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)
}

// Begin notes which trial is under way. That is when a log hears how far the run is: trials
// that take turns end all at once, and in the midst of them nobody could say.
func (p *Progress) Begin(slot scenario.Slot) {
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("%-14s x %-6d %12s", slot.Cell.Strategy, slot.Cell.Producers, p.left()))
		return
	}
	if p.done > 0 && time.Since(p.said) >= sayEvery {
		p.said = time.Now()
		fmt.Fprintf(p.out, "%d of %d trials, about %s\n", p.done, p.total, p.left())
	}
}

// left says how much time is left, if anybody can know: as much longer than expected as what
// is done took.
func (p *Progress) left() string {
	if p.over == 0 {
		return ""
	}
	left := float64(time.Since(p.started)) * float64(p.all-p.over) / float64(p.over)
	return fmt.Sprintf("%v left", time.Duration(left).Round(time.Second))
}

// End notes a finished trial; who names the program that ran it, if it is not this one.
func (p *Progress) End(who string, t results.Trial) {
	p.done++
	p.over += trial.Expected(t.Cell, p.run.MemoryLimit)
	if t.Failure != nil {
		p.clear()
		out, what, why := p.errors, "failed", fmt.Sprintf("%s: %s", t.Failure.Kind, t.Failure.Detail)
		if p.run.Expects(t.Failure) {
			out, what, why = p.out, t.Failure.Kind.Ended()+", as expected", t.Failure.Detail
		}
		fmt.Fprintf(out, "%s%s: %s, block %d: %s\n", who, what, t.Cell, t.Block, why)
	}
	if p.bar != nil {
		_ = p.bar.Add(1) // a bar that cannot be drawn stops nothing
	}
}

func (p *Progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

// Finish clears the bar and says how long it took.
func (p *Progress) Finish() {
	if p.bar != nil {
		_ = p.bar.Exit()
		p.clear()
	}
	fmt.Fprintf(p.out, "%s in %v\n", units.Plural(p.done, "trial"), time.Since(p.started).Round(time.Second/10))
}
