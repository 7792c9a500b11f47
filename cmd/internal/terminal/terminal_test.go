package terminal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
)

// What is printed at the end of a run, with a failed cell and few repetitions.
func TestTables(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	var out bytes.Buffer
	summary := results.Summarize(resultstest.Run(resultstest.Config{
		Producers: []int{1, 4, 16, 64}, Reps: 6, Samples: 2000,
		Fails: func(t resultstest.Trial) bool { return t.Strategy == "lanes" && t.Producers == 4 },
	}))
	if err := WriteTables(&out, summary); err != nil {
		t.Fatal(err)
	}
	resultstest.Golden(t, filepath.Join("testdata", "tables.txt"), out.String())
}

// Colours appear where they were forced, change nothing else, and NO_COLOR is
// stronger.
func TestColours(t *testing.T) {
	summary := results.Summarize(resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{1, 16}, Reps: 2, Samples: 100}))
	print := func(force, no string) string {
		t.Setenv("CLICOLOR_FORCE", force)
		t.Setenv("NO_COLOR", no)
		var out bytes.Buffer
		if err := WriteTables(&out, summary); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	bare := print("", "")
	if strings.Contains(bare, "\x1b") {
		t.Errorf("colours in a buffer:\n%q", bare)
	}
	coloured := print("1", "")
	if !strings.Contains(coloured, "\x1b[1mThroughput\x1b[0m") || !strings.Contains(coloured, "\x1b[33mwarning:\x1b[0m n=2") {
		t.Errorf("no colours where they were forced:\n%q", coloured)
	}
	if stripped := regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(coloured, ""); stripped != bare {
		t.Errorf("without colours it says\n%s\nbut bare\n%s", stripped, bare)
	}
	for _, got := range []string{print("1", "1"), print("0", "")} {
		if got != bare {
			t.Errorf("colours against NO_COLOR or CLICOLOR_FORCE=0:\n%q", got)
		}
	}
}

// A pipe is no terminal: it gets neither colours nor a bar.
func TestPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	t.Setenv("NO_COLOR", "")
	t.Setenv("CLICOLOR_FORCE", "")
	if Is(w) || WantsColour(w) || NewProgress(w, w, nil, 1, nil).bar != nil {
		t.Error("a pipe was taken for a terminal")
	}
}

func TestSparkline(t *testing.T) {
	points := func(values ...float64) []*stat.Interval {
		var all []*stat.Interval
		for _, v := range values {
			all = append(all, &stat.Interval{Median: v})
		}
		return all
	}
	gap := points(1, 0, 2)
	gap[1] = nil
	for want, got := range map[string][]*stat.Interval{
		"▁▃▅█": points(1, 3, 5, 8), "▁▁": points(100, 101), "█▁": points(2, 1), "▁ █": gap, "▁": points(5), "": nil, " ": {nil}, "▁▁▁": points(0, 0, 0),
	} {
		if line := Sparkline(got); line != want {
			t.Errorf("%q, want %q", line, want)
		}
	}
}

// Away from a terminal torture says now and then how far it is, over all
// strategies.
func TestMeter(t *testing.T) {
	var out bytes.Buffer
	m := NewMeter(&out, 4_000_000)
	m.Begin("chan")
	m.Show(conformance.Stats{Delivered: 10})
	if out.Len() > 0 {
		t.Errorf("it said %q at once", out.String())
	}
	m.End(conformance.Stats{Delivered: 1_000_000, Elapsed: 10 * time.Second})
	m.Begin("lanes")
	m.said = time.Time{}
	m.Show(conformance.Stats{Delivered: 1_000_000, Elapsed: 10 * time.Second})
	m.Show(conformance.Stats{Delivered: 2_000_000, Elapsed: 20 * time.Second})
	if want := "lanes: 2,000,000 of 4,000,000 deliveries checked, about 20s of torture left\n"; out.String() != want {
		t.Errorf("it said %q; want %q", out.String(), want)
	}
	if m.Checked() != 1_000_000 {
		t.Errorf("%d checked; want those of the strategy that has ended", m.Checked())
	}
}

// A meter of nothing says nothing, and still counts.
func TestMeterOfNothing(t *testing.T) {
	var out bytes.Buffer
	m := NewMeter(&out, 0)
	m.Begin("chan")
	m.said = time.Time{}
	m.Show(conformance.Stats{Delivered: 10})
	m.End(conformance.Stats{Delivered: 10})
	if out.Len() > 0 || m.Checked() != 10 {
		t.Errorf("it said %q and counted %d; want nothing, and 10", out.String(), m.Checked())
	}
}

// A failure is told at once, among the errors unless the run expects it, and how far the
// run is now and then.
func TestProgress(t *testing.T) {
	var out, errs bytes.Buffer
	cell := results.Cell{Strategy: "chan", Producers: 4, RecvBatch: 1, SendBatch: 1, DurationNs: int64(time.Second)}
	long := cell
	long.DurationNs = int64(20 * time.Second)
	slots := []scenario.Slot{{Cell: cell}, {Cell: cell}, {Cell: cell}, {Cell: long}}
	p := NewProgress(&out, &errs, slots, 1, &results.Manifest{Expect: []results.FailureKind{results.FailureMemory}})
	p.End("", results.Trial{Cell: cell})
	p.End("mine: ", results.Trial{Cell: cell, Block: 1, Failure: &results.Failure{Kind: results.FailurePanic, Detail: "it fell"}})
	p.End("", results.Trial{Cell: cell, Block: 2, Failure: &results.Failure{Kind: results.FailureMemory, Detail: "300 MiB"}})
	if want := fmt.Sprintf("mine: failed: %s, block 1: panic: it fell\n", cell); errs.String() != want {
		t.Errorf("errors %q; want %q", errs.String(), want)
	}
	if want := fmt.Sprintf("%s, as expected: %s, block 2: 300 MiB\n", results.FailureMemory.Ended(), cell); out.String() != want {
		t.Errorf("said %q; want %q", out.String(), want)
	}
	out.Reset()
	p.said, p.started = time.Time{}, time.Now().Add(-30*time.Second)
	p.Begin(slots[3])
	p.End("", results.Trial{Cell: long})
	p.Finish()
	// What is left takes over six times as long as the three that are done, less what starting takes.
	var left string
	if _, err := fmt.Sscanf(out.String(), "3 of 4 trials, about %s left\n4 trials in ", &left); err != nil {
		t.Fatalf("said %q: %v", out.String(), err)
	}
	if d, err := time.ParseDuration(left); err != nil || d < 2*time.Minute || d > 4*time.Minute {
		t.Errorf("%s left, %v; want 2 to 4 minutes", left, err)
	}
}

// The columns of a table are aligned by what is seen, and no line ends in spaces.
func TestTable(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	var out bytes.Buffer
	p := NewPage(&out)
	p.Table(1, [][]Cell{Cells("", "a", "µs"), Cells("long", "1", ""), Cells("l", "22.5", "12345")})
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	if want := "         a     µs\nlong     1\nl     22.5  12345\n"; out.String() != want {
		t.Errorf("wrote\n%swant\n%s", out.String(), want)
	}
}
