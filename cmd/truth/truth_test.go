package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/cmd"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// standIn, when set, makes the test binary the program that is measured.
const standIn = "FANIN_BENCH_TRUTH_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(standIn) != "" {
		os.Exit(cmd.Main(context.Background(), os.Args[1:], strategies.All()...))
	}
	os.Exit(m.Run())
}

// Sweeps come an hour apart, gate runs of both kinds in turns between them, and what is
// stored is not measured again.
func TestNext(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	p := plan{gates: 2, sweeps: 2, apart: time.Hour, shares: []float64{0.05, 0.03}, strategies: []string{"chan", "lanes", "null"}, machine: "here"}
	var entries []entry
	var jobs []string
	for now := start; ; now = now.Add(25 * time.Minute) {
		j, ok := p.next(p.counted(entries), now)
		if !ok {
			break
		}
		jobs = append(jobs, j.String())
		entries = append(entries,
			entry{Kind: j.kind, Slower: j.slower, Started: now, Machine: "here"},
			entry{Kind: j.kind, Slower: j.slower, Started: now, Machine: "elsewhere"}, // counts for nothing
			entry{Kind: j.kind, Slower: j.slower, Started: now, Machine: "here", Flags: "--quick"})
	}
	want := []string{
		"the default run", "bench-ci, chan is slower by 5 %, lanes is slower by 3 %", "bench-ci, nothing is slower", "the default run",
		"bench-ci, null is slower by 5 %, chan is slower by 3 %", "bench-ci, nothing is slower",
	}
	if got := strings.Join(jobs, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("the runs are\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if left := p.left(p.counted(entries)); left != 0 {
		t.Errorf("%d are left after all", left)
	}
}

// A journal whose last line was cut off has the lines before it, and takes more.
func TestJournal(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "truth.ndjson")
	for _, gate := range []string{"gate-001", "gate-002"} {
		if err := note(name, entry{Kind: kindGate, Name: gate}); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, text[:len(text)-5], 0o644); err != nil {
		t.Fatal(err)
	}
	if entries, err := readJournal(name); err != nil || len(entries) != 1 || entries[0].Name != "gate-001" {
		t.Fatalf("%+v, %v", entries, err)
	}
	if err := note(name, entry{Kind: kindGate, Name: "gate-003"}); err != nil {
		t.Fatal(err)
	}
	if entries, err := readJournal(name); err != nil || len(entries) != 2 || entries[1].Name != "gate-003" {
		t.Errorf("%+v, %v", entries, err)
	}
	if err := os.WriteFile(name, []byte("{\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readJournal(name); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a line that is none: %v", err)
	}
}

// What gate runs found is counted with its limits and its intervals.
func TestReport(t *testing.T) {
	t.Parallel()
	p := plan{journal: filepath.Join(t.TempDir(), "truth.ndjson"), gates: 20, shares: []float64{0.05, 0.03}, machine: "here"}
	slow := func(worse ...loss) entry {
		slower := []slowed{{"chan", 0.05, new(0.051)}, {"mpsc-ring", 0.03, new(0.029)}}
		return entry{Kind: kindGate, Slower: slower, Machine: "here", Version: "v2", Worse: worse, Exit: 3}
	}
	entries := []entry{
		slow(loss{"chan", "throughput_msgs_per_s", 0.06, 0.08}),
		slow(loss{"chan", "throughput_msgs_per_s", 0.04, 0.06}, loss{"lanes", "throughput_msgs_per_s", 0.03, 0.04}),
		slow(), slow(loss{"chan", "throughput_msgs_per_s", 0.015, 0.029}),
		{Kind: kindGate, Machine: "here", Version: "v1", Name: "gate-005", Failed: 1, Why: []string{"lanes producers=8: crash: it panicked"}},
		{Kind: kindGate, Machine: "there"},
	}
	var out bytes.Buffer
	if err := p.report(entries, &out); err != nil {
		t.Fatal(err)
	}
	resultstest.Golden(t, filepath.Join("testdata", "report.txt"), out.String())
}

// A short plan of real runs goes through bench-ci to its report, and a second call has
// nothing to do.
func TestShortPlan(t *testing.T) {
	if testing.Short() {
		t.Skip("makes two runs and draws their pictures")
	}
	t.Setenv(standIn, "1")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	t.Chdir("../..")
	flags := "--strategies chan,chan-bare --producers 2 --duration 1ms --reps 6"
	name := filepath.Join(dir, "truth.ndjson")
	p := plan{
		dir: dir, journal: name, program: self, build: copyOf(self), machine: "here", gates: 1, sweeps: 1, most: 1, sweepFlags: flags, gateFlags: flags,
	}
	var out bytes.Buffer
	for want := range 2 { // one run a call
		if err := p.run(t.Context(), false, &out); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		if entries, err := readJournal(name); err != nil || len(entries) != want+1 {
			t.Fatalf("%d entries after call %d, %v", len(entries), want+1, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "gate-001", "comparison.json")); err != nil {
		t.Error(err)
	}
	entries, err := readJournal(name)
	if err != nil || len(entries) != 2 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	// The same sweep once more, as if it had been taken later.
	again := entries[0]
	again.Started = again.Started.Add(90 * time.Minute)
	if err := note(name, again); err != nil {
		t.Fatal(err)
	}
	p.sweeps = 2
	if err := p.run(t.Context(), false, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"1 of 1 default run so far", "1 ratio to chan-bare in turns: half-width", "nothing              1 of 1",
		"sweep-001 and sweep-001, 90 minutes apart\n    1 ratio to chan-bare in turns: they differ by 0 % in the median",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
	if all, err := readJournal(name); err != nil || len(all) != 3 {
		t.Errorf("%d entries after a call with nothing left to do, %v", len(all), err)
	}
}

// copyOf returns a build that copies a program.
func copyOf(program string) func(context.Context, string, string, string) error {
	return func(_ context.Context, _, _, name string) error {
		content, err := os.ReadFile(program)
		if err != nil {
			return err
		}
		return os.WriteFile(name, content, 0o755)
	}
}

func TestWrongArguments(t *testing.T) {
	t.Parallel()
	for arguments, want := range map[string]string{
		"-shares 5": `"5" is not a share`, "-shares 0%": "is not a share", "-shares 101%": "is not a share",
		"-strategies chan": "2 are to be slower", "-strategies lanes,chn": `unknown strategy "chn"`,
		"-runs -1": "below 0", "now": `unknown argument "now"`,
	} {
		if _, _, err := parse(strings.Fields(arguments)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", arguments, err, want)
		}
	}
	p, onlyReport, err := parse(strings.Fields("-report -shares 2% -strategies chan"))
	if err != nil || !onlyReport || len(p.shares) != 1 || p.shares[0] != 0.02 || len(p.strategies) != 1 {
		t.Errorf("%+v, %v, %v", p, onlyReport, err)
	}
}
