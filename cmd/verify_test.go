package cmd

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// modest is a strategy that promises little, so that little is checked.
func modest(name string, keeps ...strategies.Promise) strategies.Strategy {
	s := strategies.Strategy{
		Descriptor: strategies.Descriptor{Name: name, Bound: strategies.Unbounded, Lacks: map[strategies.Promise]string{}},
		Word:       strategies.NewMutexSwap[strategies.Word],
		Message:    strategies.NewMutexSwap[strategies.Message],
	}
	for _, p := range strategies.Promises() {
		s.Lacks[p] = "it is modest"
	}
	for _, p := range keeps {
		delete(s.Lacks, p)
	}
	return s
}

// verifyThem runs the verb over strategies of the test's own.
func verifyThem(t *testing.T, known []strategies.Strategy, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, known: known}
	code = a.execute(t.Context(), append([]string{"verify", "--seed", "1"}, args...))
	return code, out.String(), errs.String()
}

// The summary tells what was checked from what was not, and the deliveries are
// those that torture counted.
func TestVerify(t *testing.T) {
	known := []strategies.Strategy{
		modest("counts", strategies.PromiseExactlyOnce, strategies.PromiseIntact, strategies.PromiseBound),
		modest("vows nothing"),
	}
	code, stdout, stderr := verifyThem(t, known, "--items", "200k")
	if code != exitSuccess || stderr != "" {
		t.Fatalf("exit %d, stderr %q\n%s", code, stderr, stdout)
	}
	if strings.Contains(stdout, "every promise was kept") {
		t.Error("promises were kept that are not made")
	}
	for _, want := range []string{
		"  checked: 2 of 19 promises (10 checks passed, 0 broken, ",
		"  not promised, and not checked: order, drain,",
		"  not checked, because every check was skipped: bound\n",
		"  torture: none, because the strategy does not promise exactly-once\n",
		"\n2 strategies: 10 checks passed, 0 broken, ",
		"\n  vows nothing: exactly-once, intact, ",
		"\nevery checked promise was kept\n",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is missing from\n%s", want, stdout)
		}
	}
	var skipped []int
	for _, found := range regexp.MustCompile(`, (\d+) skipped`).FindAllStringSubmatch(stdout, -1) {
		n, _ := strconv.Atoi(found[1])
		skipped = append(skipped, n)
	}
	if len(skipped) != 3 || skipped[0] == 0 || skipped[0]+skipped[1] != skipped[2] {
		t.Errorf("%d checks were skipped; want those of each strategy and their sum", skipped)
	}
	one := regexp.MustCompile(`torture: (\d+) rounds, ([\d,]+) items delivered`).FindStringSubmatch(stdout)
	all := regexp.MustCompile(`\ntorture: ([\d,]+) deliveries checked in (\d+) round`).FindStringSubmatch(stdout)
	if one == nil || all == nil || one[2] != all[1] || one[1] != all[2] || len(all[1]) < len("200,000") {
		t.Errorf("torture %q and in all %q; want the same, and 200,000 at least", one, all)
	}
}

// A broken promise is in the summary, and never called kept.
func TestVerifyBroken(t *testing.T) {
	s := modest("loses", strategies.PromiseExactlyOnce, strategies.PromiseIntact)
	s.Word = func(o strategies.Options) strategies.FanIn[strategies.Word] {
		return losing{strategies.NewMutexSwap[strategies.Word](o)}
	}
	code, stdout, stderr := verifyThem(t, []strategies.Strategy{s}, "--for", "0")
	if code != exitFailure || !strings.Contains(stderr, "broken promises (seed 1)") {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
	if strings.Contains(stdout, "kept") || !strings.Contains(stdout, "  broken  many-items") ||
		!strings.Contains(stdout, "  broke first: exactly-once, by check many-items: ") ||
		!strings.Contains(stdout, "\nbroke first (other breaks may follow from it):\n  loses: exactly-once\n") ||
		!strings.Contains(stdout, "\n1 strategy: ") || !strings.Contains(stdout, "\ntorture: 0 deliveries checked in 0 rounds\n") {
		t.Errorf("stdout:\n%s", stdout)
	}
}

func TestVerifyUsage(t *testing.T) {
	known := []strategies.Strategy{modest("counts", strategies.PromiseExactlyOnce), modest("vows nothing")}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--items", "0"}, `--items: "0" is not a whole number from 1 to 1P, such as 200k or 1G`},
		{[]string{"--items", "1.5"}, `--items: "1.5" is not`},
		{[]string{"--items", "1e99"}, `--items: "1e99" is not`},
		{[]string{"--items", "NaN"}, `--items: "NaN" is not`},
		{[]string{"--items", "many"}, `--items: "many" is not`},
		{[]string{"--items", "1Gi"}, `--items: "1Gi" is not`},
		{[]string{"--items", ""}, `--items: "" is not`},
		{[]string{"--items", "1k", "--for", "1s"}, "--items and --for: give one of them"},
		{[]string{"--items", "1k", "--strategies", "vows nothing"}, "--items: none of the strategies promises exactly-once"},
	} {
		code, stdout, stderr := verifyThem(t, known, test.args...)
		checkError(t, test.args, code, exitUsage, stdout, stderr, test.want)
	}
}

// A schedule that fails again exits 1, one that does not 0, and a text with an error 2.
func TestReplay(t *testing.T) {
	s := modest("loses", strategies.Promises()...)
	s.Word = func(o strategies.Options) strategies.FanIn[strategies.Word] {
		return losing{strategies.NewMutexSwap[strategies.Word](o)}
	}
	known := []strategies.Strategy{s, modest("sound", strategies.Promises()...), modest("vows nothing")}
	replay := func(stdin string, args ...string) (code int, stdout, stderr string) {
		var out, errs bytes.Buffer
		a := &app{stdin: strings.NewReader(stdin), stdout: &out, stderr: &errs, known: known}
		code = a.execute(t.Context(), append([]string{"verify", "--replay"}, args...))
		return code, out.String(), errs.String()
	}
	for _, test := range []struct {
		text   string
		code   int
		stdout string
		stderr string
	}{
		{"strategy loses\np0 Open\np0 Send\nc Recv 1\n", exitFailure, "fails in run 1: promise ", "breaks promise "},
		{"strategy sound\np0 Open\np0 Send\nc Recv 1\n", exitSuccess, "does not fail: ", ""},
		{"strategy sound\np0 Opens\n", exitUsage, "", `--replay: standard input:2: p0 cannot "Opens" (one of `},
		{"strategy sonud\n", exitUsage, "", `unknown strategy "sonud" (did you mean "sound"?`},
		{"strategy vows nothing\n", exitUsage, "", "a schedule needs promise exactly-once, which it lacks: it is modest"},
	} {
		code, stdout, stderr := replay(test.text, "-")
		if code != test.code || !strings.HasPrefix(stdout, test.stdout) || !strings.Contains(stderr, test.stderr) {
			t.Errorf("%q: exit %d, stdout %q, stderr %q", test.text, code, stdout, stderr)
		}
	}
	for want, args := range map[string][]string{
		"--replay and --items: give one of them": {"f", "--items", "1k"},
		"--replay: open no such file: ":          {"no such file"},
		"--replay: open : ":                      {""},
	} {
		if code, stdout, stderr := replay("", args...); code != exitUsage || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%v: exit %d, stdout %q, stderr %q; want %q", args, code, stdout, stderr, want)
		}
	}
}
