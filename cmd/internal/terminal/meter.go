package terminal

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/fanin-bench/fanin-bench/results/units"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
)

// Meter counts the deliveries that torture has checked and shows how far it is: a
// bar on a terminal, a line every now and then elsewhere.
type Meter struct {
	out     io.Writer
	bar     *progressbar.ProgressBar // nil where there is no terminal
	total   uint64                   // to be checked; 0 shows nothing
	before  conformance.Stats        // of the strategies that have been tortured
	current string
	said    time.Time
}

// NewMeter counts up to a total; 0 shows nothing.
func NewMeter(out io.Writer, total uint64) *Meter {
	m := &Meter{out: out, total: total, said: time.Now()}
	if total > 0 {
		m.bar = newBar(out, int64(total), true)
	}
	return m
}

// Checked returns the deliveries of the strategies that have been tortured.
func (m *Meter) Checked() uint64 { return m.before.Delivered }

// Begin notes which strategy is tortured.
func (m *Meter) Begin(strategy string) {
	m.current = strategy
	if m.bar != nil {
		m.bar.Describe(fmt.Sprintf("%-14s", strategy))
	}
}

// Show is told of the strategy in hand after every round.
func (m *Meter) Show(stats conformance.Stats) {
	done := min(m.total, m.before.Delivered+stats.Delivered)
	switch {
	case m.total == 0:
	case m.bar != nil:
		_ = m.bar.Set64(int64(done)) // a bar that cannot be drawn stops nothing
	case time.Since(m.said) >= sayEvery:
		m.said = time.Now()
		fmt.Fprintln(m.out, m.line(done, m.before.Elapsed+stats.Elapsed))
	}
}

// line words how far it is.
func (m *Meter) line(done uint64, spent time.Duration) string {
	left := time.Duration(float64(spent) / float64(max(1, done)) * float64(m.total-done))
	return fmt.Sprintf("%s: %s of %s deliveries checked, about %v of torture left",
		m.current, units.Thousands(done), units.Thousands(m.total), left.Round(time.Second))
}

// End takes a strategy's torture into account.
func (m *Meter) End(stats conformance.Stats) {
	m.before.Delivered += stats.Delivered
	m.before.Elapsed += stats.Elapsed
	if m.bar != nil {
		_ = m.bar.Clear()
	}
}
