package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

func smallSynthetic() *results.Run {
	return resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{1, 16}, Reps: 2, Samples: 100})
}

// What is written without a choice is byte by byte what the run directory holds.
func TestExport(t *testing.T) {
	dir := resultstest.Store(t, smallSynthetic())
	for format, file := range map[string]string{
		"benchfmt": results.BenchFile, "csv": results.SummaryCSVFile, "json": results.SummaryFile,
		"markdown": results.SummaryMarkdown, "hlog": results.LatencyFile, "ndjson": results.TrialsFile,
	} {
		want, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := invoke(t, "export", dir, "--format", format)
		if code != exitSuccess || stdout != string(want) || stderr != "" {
			t.Errorf("%s: exit %d, %d bytes of %s's %d; stderr %q", format, code, len(stdout), file, len(want), stderr)
		}
		out := filepath.Join(t.TempDir(), "out")
		code, stdout, stderr = invoke(t, "export", dir, "--format", format, "--out", out)
		if got, err := os.ReadFile(out); code != exitSuccess || stdout != "" || string(got) != string(want) {
			t.Errorf("%s --out: exit %d, %v; stderr %q", format, code, err, stderr)
		}
	}
}

func TestExportChoice(t *testing.T) {
	dir := resultstest.Store(t, smallSynthetic())
	code, stdout, _ := invoke(t, "export", dir, "--format", "json", "--strategies", "chan", "--producers", "16")
	var summary struct{ Cells []results.Cell }
	if err := json.Unmarshal([]byte(stdout), &summary); code != exitSuccess || err != nil || len(summary.Cells) != 1 || summary.Cells[0].Producers != 16 {
		t.Errorf("exit %d, %v: %+v", code, err, summary)
	}
	code, stdout, _ = invoke(t, "export", dir, "--format", "hgrm", "--strategies", "chan", "--producers", "16")
	if code != exitSuccess || !strings.Contains(stdout, "of chan_producers-16]") {
		t.Errorf("exit %d:\n%s", code, stdout)
	}
	out := filepath.Join(t.TempDir(), "deep", "percentiles")
	if code, _, stderr := invoke(t, "export", dir, "--format", "hgrm", "--out", out); code != exitSuccess || !strings.Contains(stderr, "4 files in ") {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
	for _, name := range []string{"chan_producers-1", "chan_producers-16", "chan-unbounded_producers-1", "chan-unbounded_producers-16"} {
		if text, err := os.ReadFile(filepath.Join(out, name+".hgrm")); err != nil || !strings.Contains(string(text), "of "+name+"]") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestExportErrors(t *testing.T) {
	dir := resultstest.Store(t, smallSynthetic())
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{dir}, exitUsage, "--format: one is needed, of json, csv, markdown, benchfmt, hlog, ndjson, hgrm"},
		{[]string{dir, "--format", "xml"}, exitUsage, `unknown format "xml"`},
		{[]string{dir, dir, "--format", "csv"}, exitUsage, "export takes one run directory, received 2"},
		{[]string{dir, "--format", "csv", "--strategies", "lanes"}, exitUsage, `the run has no strategy "lanes" (one of null chan chan-unbounded)`},
		{[]string{dir, "--format", "csv", "--producers", "x"}, exitUsage, `"x" is not a whole number`},
		{[]string{dir, "--format", "hgrm"}, exitUsage, "these are 4 histograms, chan_producers-1 to chan-unbounded_producers-16: choose one"},
		{[]string{dir, "--format", "csv", "--times", "transit"}, exitUsage, "--times: --format csv has no times to choose from (only hlog and hgrm)"},
		{[]string{dir, "--format", "ndjson", "--times", "transit"}, exitUsage, "--times: --format ndjson has no times to choose from"},
		{[]string{dir, "--format", "hgrm", "--times", "wake"}, exitFailure, "none of the chosen cells has such times"},
		{[]string{dir, "--format", "csv", "--out", filepath.Join(dir, results.SummaryFile, "x")}, exitFailure, "not a directory"},
		{[]string{"nowhere", "--format", "csv"}, exitFailure, `opening the run directory "nowhere"`},
	} {
		args := append([]string{"export"}, test.args...)
		code, stdout, stderr := invoke(t, args...)
		checkError(t, args, code, test.code, stdout, stderr, test.want)
	}
}
