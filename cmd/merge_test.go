package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
)

// The shards of a run, made apart, one of them in two attempts, merge into the
// whole run.
func TestShardAndMerge(t *testing.T) {
	if testing.Short() {
		t.Skip("draws many pictures, which takes minutes under the race detector")
	}
	t.Chdir(t.TempDir())
	for _, part := range []string{"1", "2"} {
		code, _, stderr := invoke(t, smallRun("--isolation", "none", "--shard", part+"/2", "--out", part)...)
		if code != exitSuccess {
			t.Fatal(stderr)
		}
	}
	name := filepath.Join("2", results.TrialsFile)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	if err := os.WriteFile(name, []byte(strings.Join(lines[:4], "")), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := invoke(t, "run", "--resume", "--out", "2"); code != exitSuccess || !strings.Contains(stderr, "2 of 6 trials are missing") {
		t.Errorf("resuming a shard: exit %d, %s", code, stderr)
	}
	code, stdout, stderr := invoke(t, "merge", "1", "2", "--out", "whole")
	if code != exitSuccess || stdout != "" || !strings.Contains(stderr, "2 runs, 6 cells, 12 trials\n") {
		t.Fatalf("exit %d, stdout %q, stderr %s", code, stdout, stderr)
	}
	run, err := results.Open("whole")
	if err != nil {
		t.Fatal(err)
	}
	if run.Missing() != 0 || run.Manifest.Finished == nil || len(run.Manifest.Machines) != 0 || run.Manifest.Merged[1].Shard != "2/2" {
		t.Errorf("%d missing, finished %v, machines %v, merged %+v", run.Missing(), run.Manifest.Finished, run.Manifest.Machines, run.Manifest.Merged)
	}
	for _, file := range []string{results.SummaryFile, results.BenchFile, results.LatencyFile, "index.html", "plots/throughput.svg"} {
		if info, err := os.Stat(filepath.Join("whole", file)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", file, err)
		}
	}
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"run", "--resume", "--out", "whole"}, exitFailure, "it was merged from 2 runs; resume that of them"},
		{[]string{"merge", "1", "2", "--out", "whole"}, exitFailure, `creating the run directory "whole": it is not empty`},
		{[]string{"merge", "1", "1", "--out", "new"}, exitFailure, `"1" and "1" both have the cell`},
		{[]string{"merge", "1", "nowhere", "--out", "new"}, exitFailure, `opening the run directory "nowhere"`},
		{[]string{"merge", "1", "--out", "new"}, exitUsage, "merge needs two or more run directories, received 1"},
		{[]string{"merge", "1", "2"}, exitUsage, "--out: a directory for the merged run is needed"},
		{[]string{"merge", "1", "2", "--out", "new", "--machines", "a"}, exitUsage, "--machines: one name for each of the 2 run directories is needed, received 1"},
		{[]string{"merge", "1", "2", "--out", "new", "--machines", "a,../b"}, exitUsage, `machine "../b" may hold letters`},
		{smallRun("--shard", "3/2"), exitUsage, `--shard: "3/2" is not a part`},
		{smallRun("--shard", "1/3"), exitUsage, "--shard: \"1/3\": the plan can be divided into 2 parts at most"},
		{[]string{"run", "--shard", "1/2"}, exitUsage, "--shard needs --seed"},
		{[]string{"run", "--resume", "--shard", "1/2"}, exitUsage, "cannot be combined with --shard"},
	} {
		code, stdout, stderr := invoke(t, test.args...)
		checkError(t, test.args, code, test.code, stdout, stderr, test.want)
	}
	if _, err := os.Stat("new"); err == nil {
		t.Error("a refused merge left its directory")
	}
}
