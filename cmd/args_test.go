package cmd

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// A list, or a value, that was given as nothing is refused for every flag of run: a
// variable of a script that is unset does not mean everything.
func TestEmptyFlags(t *testing.T) {
	t.Chdir(t.TempDir())
	set := pflag.NewFlagSet("run", pflag.ContinueOnError)
	new(runFlags).register(set)
	set.VisitAll(func(flag *pflag.Flag) {
		if flag.Value.Type() == "bool" || flag.Name == "expect" { // there nothing is a choice
			return
		}
		args := []string{"run", "--" + flag.Name, ""}
		code, stdout, stderr := invoke(t, args...)
		checkError(t, args, code, exitUsage, stdout, stderr, "--"+flag.Name+": ")
	})
	for _, args := range [][]string{
		{"export", "--format", "csv", "--strategies", ""},
		{"export", "--format", "csv", "--producers", ""},
		{"export", "--format", "hlog", "--times", ""},
		{"history", "--strategies", ""},
		{"verify", "--strategies", ""},
		{"recommend", "--strategies", ""},
		{"recommend", "--loss", ""},
		{"merge", "a", "b", "--machines", ""},
		{"run", "--strategies", "chan,,lanes"},
		{"run", "--strategies", "chan", "--strategies", ""},
	} {
		code, stdout, stderr := invoke(t, args...)
		checkError(t, args, code, exitUsage, stdout, stderr, "empty")
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) > 0 {
		t.Errorf("refused command lines left %v, error %v", entries, err)
	}
}

// Whatever number a flag is given, it is used or refused in a line that names the flag,
// before anything is expanded.
func TestAbsurdNumbers(t *testing.T) {
	t.Chdir(t.TempDir())
	set := pflag.NewFlagSet("run", pflag.ContinueOnError)
	new(runFlags).register(set)
	absurd := map[string][]string{
		"ints":       {"1..5000000000000000000", "5000000000000000000", "99999999999999999999", "-5000000000000000000", "1e300"},
		"sizes":      {"8..5000000000000000000", "99999999999999999999", "1PiB", "-8"},
		"capacities": {"1..5000000000000000000/total", "99999999999999999999"},
		"count":      {"5000000000000000000", "99999999999999999999", "-1", "1e300"},
		"size":       {"99999999999999999999", "2PiB", "-1"},
		"rates":      {"1..1e300", "1e300", "99P"},
		"floats":     {"1e300", "-1e300", "nan", "inf"},
		"float64":    {"1e300", "-1"},
		"time":       {"99999999h", "9999999999999h", "-1s"},
		"durations":  {"1s,99999999h", "-1s"},
		"stall":      {"1s/99999999h"},
		"pause":      {"99999999h/1", "1ms/99999999999999999999"},
		"uint64":     {"99999999999999999999", "-1"},
	}
	set.VisitAll(func(flag *pflag.Flag) {
		for _, value := range absurd[flag.Value.Type()] {
			args := []string{"run", "--dry-run", "--strategies", "chan", "--" + flag.Name, value}
			if opens := map[string]string{"rate": "poisson", "load": "poisson", "overload": "poisson", "burst-period": "burst"}[flag.Name]; opens != "" {
				args = append(args, "--arrival", opens)
				if flag.Name != "rate" && flag.Name != "load" {
					args = append(args, "--rate", "1k")
				}
			}
			code, stdout, stderr := invoke(t, args...)
			checkError(t, args, code, exitUsage, stdout, stderr, "--"+flag.Name+": ")
		}
	})
	lists := []string{"run", "--dry-run", "--producers", "1..1M", "--capacity", "1..1Gi", "--lanes", "1..1Mi"}
	code, stdout, stderr := invoke(t, append(lists, "--send-batch", "1..1Mi", "--recv-batch", "1..1Mi")...)
	checkError(t, lists, code, exitUsage, stdout, stderr, "--capacity: the lists multiply out to more than 1000000 trials; this is the longest, with 31 values")
}

// foreignWords are what no error shows: functions and types of Go, and times in ns.
var foreignWords = regexp.MustCompile(`strconv\.|\syaml: |unmarshal|\sjson: |Go struct|\*?results\.|harness\.|pflag|invalid argument|` +
	`time: |2006-01-02T15:04:05Z07|[0-9]{9,}|file exists|fork/exec|\bnil\b|invalid syntax`)

// Errors that a user can provoke by flags and files are in words, each in one line.
func TestErrorWords(t *testing.T) {
	dir := stored(t, resultstest.Run(resultstest.Config{Producers: []int{2}, Reps: 2}))
	t.Chdir(t.TempDir())
	spoil := func(name, file, old, new string) {
		if err := os.CopyFS(name, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(name, file)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if spoilt := regexp.MustCompile(old).ReplaceAllString(string(text), new); spoilt == string(text) {
			t.Fatalf("%s has no %s", file, old)
		} else if err := os.WriteFile(path, []byte(spoilt), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	spoil("reps", "manifest.json", `"reps": *[0-9]+`, `"reps":"x"`)
	spoil("schema", "manifest.json", `"schema": *[0-9]+`, `"schema":"x"`)
	spoil("started", "manifest.json", `"started": *"[^"]*"`, `"started":"x"`)
	spoil("cells", "manifest.json", `"cells": *\[`, `"cells":{}, "seeds":[`)
	spoil("block", "trials.ndjson", `"block":0`, `"block":1.5`)
	for name, text := range map[string]string{
		"file": "hi\n", "tab.yaml": "load:\n\tproducers: 1\n", "bomb.yaml": "a: &a [1]\nb: *a\n", "stray.yaml": "load: {producers: !!binary x}\n",
		"bell.yaml": "name: \a\n", "anchor.yaml": "load: *x\n", "list.yaml": "run: {duration: [1s]}\n", "hour.yaml": "run: {duration: 7200s}\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range []error{os.Symlink("nowhere/else", "dangling"), os.Mkdir("folder", 0o755)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ args, want string }{
		{"run --out file", `"file" is a file, not a directory`},
		{"run --out file/below", `"file" is a file, not a directory`},
		{"run --out dangling", `"dangling" is a link to something that does not exist`},
		{"run --resume --out file", `"file": it is a file, not a directory`},
		{"run --scenario folder", `"folder" is a directory, not a scenario file`},
		{"run --program file", `--program: "file" is not executable`},
		{"run --against file", `--against: "file" is not executable`},
		{"run --seed x", `--seed: "x" is not a whole number from 0`},
		{"run --overload x", `--overload: "x" is not a number`},
		{"run --quick=x", `--quick: "x" is not true or false`},
		{"run --duration 2h", "--duration: 2h is not in 0..1h"},
		{"run --consumer-cost 90m", "--consumer-cost: 90m is not in 0..1h"},
		{"run --out", "--out needs a value"},
		{"run --stratgies chan", "unknown flag: --stratgies (did you mean --strategies?)"},
		{"run --scenario tab.yaml", "--scenario: tab.yaml: line 2: "},
		{"run --scenario bomb.yaml", "--scenario: bomb.yaml: line 1: "},
		{"run --scenario stray.yaml", "--scenario: stray.yaml: line 1: "},
		{"run --scenario bell.yaml", "--scenario: bell.yaml: "},
		{"run --scenario anchor.yaml", "--scenario: anchor.yaml: "},
		{"run --scenario list.yaml", "line 1: duration: want one value, not several"},
		{"run --scenario hour.yaml", "line 1: duration: 7200s is not in 0..1h"},
		{"plot file", `"file": it is a file, not a directory`},
		{"plot reps", `"reps" is a JSON string, not a whole number`},
		{"plot schema", `"schema" is a JSON string, not a whole number`},
		{"plot started", "x is not a time such as 2026-01-31T10:00:00Z"},
		{"plot cells", `"cells" is a JSON object, not a list`},
		{"plot block", `trials.ndjson:1: "block" is a JSON number 1.5, not a whole number`},
		{"export " + dir + " --format csv --out folder", `"folder": it is a directory`},
		{"export " + dir + " --format hgrm --out file", `"file" is a file, not a directory`},
		{"docs man file", `"file" is a file, not a directory`},
		{"doctor --reps ten", `--reps: "ten" is not a whole number`},
		{"doctor --duration soon", `--duration: "soon" is not a duration such as 50ms`},
		{"verify --for 99999999h", "--for: "},
		{"recommend --payload 1TiB", "--payload: 1TiB is not in 8 B..64 MiB"},
		{"recommend --consumer-cost 2h", "--consumer-cost: 2h is not in 0..1h"},
		{"trial", "reading the trial spec from standard input: "},
	} {
		code, stdout, stderr := invoke(t, strings.Fields(c.args)...)
		text := strings.NewReplacer("18446744073709551615", "", dir, "").Replace(stderr)
		if code == exitSuccess || stdout != "" || !strings.Contains(stderr, c.want) || foreignWords.MatchString(text) || strings.Count(stderr, "\n") > 2 {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want a line with %q", c.args, code, stdout, stderr, c.want)
		}
	}
}

// What the default run takes is said everywhere as the estimate has it, also before it
// starts.
func TestDefaultTime(t *testing.T) {
	s, err := scenario.Load(scenario.Default)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := scenario.NewPlan(s, strategies.All(), 1)
	if err != nil {
		t.Fatal(err)
	}
	_, help, _ := invokeAs(t, "shipped", "--help")
	_, list, _ := invokeAs(t, "shipped", "list", "--scenarios")
	_, dry, _ := invokeAs(t, "shipped", "run", "--dry-run")
	text := map[string]string{"help": help, "list": list, "dry run": dry}
	for _, file := range []string{"../README.md", "../Makefile"} {
		read, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text[file] = string(read)
	}
	time := regexp.QuoteMeta(roughly(plan.Expected()))
	for where, line := range map[string]string{
		"help": "the default portfolio, about " + time + "\n", "list": `\nportfolio +[0-9]+ +` + time + ` `, "dry run": "# takes about " + time + ",",
		"../README.md": "the whole portfolio, about " + time + " on", "../Makefile": "Run the default portfolio, about " + time + ",",
	} {
		if !regexp.MustCompile(line).MatchString(text[where]) {
			t.Errorf("%s does not match %q", where, line)
		}
	}
}
