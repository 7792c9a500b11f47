package report

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/plots"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// Thirty equal strategies: hardly ever may one of them be called the best.
func TestEqualStrategiesTie(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Strategies: 7, Producers: []int{1, 2, 4, 8, 16, 32, 64, 128}, Samples: -1})
	// The floor and chan apart, all five get the trials of one.
	for i := range run.Trials {
		run.Trials[i].Measurement.ElapsedNs = int64(1e8 * (1 + 0.02*float64((i*7919)%13)))
	}
	wrong, verdicts := 0, 0
	for _, row := range judge(questions()[0], run, results.Summarize(run), &plots.Pictures{}).Rows {
		for _, v := range row.Verdicts {
			if v != nil && v.Sure != alone {
				verdicts++
				if v.Sure != tie {
					wrong++
				}
			}
		}
	}
	if verdicts != 8 || wrong > 0 {
		t.Errorf("%d of %d verdicts found a best one of equals", wrong, verdicts)
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{
		Strategies: 5, Producers: []int{1, 16}, Samples: -1, Capacities: []int{16, 1024},
		Fails: func(x resultstest.Trial) bool {
			return x.Strategy == "chan-unbounded" && x.Producers == 16 || x.Strategy == "lanes" && x.Producers == 1 && x.Block > 1
		},
	})
	summary, pictures := pictured(t, run)
	a := judge(questions()[0], run, summary, pictures)
	var names []string
	for _, c := range a.Classes {
		names = append(names, c.Name)
	}
	if want := []string{"bounded, waits for room", "unbounded"}; !slices.Equal(names, want) {
		t.Fatalf("classes %q, want %q", names, want)
	}
	if len(a.Rows) != 2 || a.Rows[0].Producers != 1 || a.Rows[1].Producers != 16 || a.Rows[1].Figure != "throughput" {
		t.Fatalf("rows %+v", a.Rows)
	}
	bounded := a.Rows[0].Verdicts[0]
	if bounded.Sure != tie || len(bounded.Best) != 2 || !strings.HasPrefix(bounded.Best[0].Name, "chan capacity=") {
		t.Errorf("two channels of the same speed: %+v", bounded)
	}
	one, sixteen := a.Rows[0].Verdicts[1], a.Rows[1].Verdicts[1]
	if one.Sure != sure || one.Best[0].Name != "mutex-swap" || !strings.Contains(one.Behind.Text, " times the next, chan-unbounded (95\u00a0%: ") {
		t.Errorf("at 1: %+v", one)
	}
	if want := []remark{{"lanes", "lanes has this value in 2 of 10 trials and is left out"}}; !slices.Equal(one.Notes, want) {
		t.Errorf("at 1 the notes are %q, want %q", one.Notes, want)
	}
	if !regexp.MustCompile(`^\d\d\.\d M msg/s ±\d+\x{a0}%$`).MatchString(one.Best[0].Value) {
		t.Errorf("at 1 the value is %q", one.Best[0].Value)
	}
	if want := []remark{{"chan-unbounded", "chan-unbounded failed"}}; !slices.Equal(sixteen.Notes, want) || sixteen.Best[0].Name != "lanes" {
		t.Errorf("at 16: %+v", sixteen)
	}
	producers, short := inShort([]*answers{a})
	if producers != 16 || len(short) != 1 || short[0].Producers != 16 {
		t.Errorf("in short: %d, %+v", producers, short)
	}
}

func TestFewRepetitionsAreNotSure(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Producers: []int{16}, Reps: 3, Samples: -1})
	v := judge(questions()[0], run, results.Summarize(run), &plots.Pictures{}).Rows[0].Verdicts[1]
	if v.Sure != unsure || len(v.Best) != 1 || !strings.Contains(v.Reason, "3 repetitions measured, and a difference needs 6") {
		t.Errorf("%+v", v)
	}
}

// What may not be ranked against each other stands in classes of its own.
func TestClasses(t *testing.T) {
	t.Parallel()
	in := results.Strategy{Bound: "bounded in total"}
	un := results.Strategy{Bound: "unbounded", Batch: true}
	lossy := results.Strategy{Bound: "bounded in total", Lossy: true}
	for _, test := range []struct {
		s    results.Strategy
		c    results.Cell
		want string
	}{
		{in, results.Cell{Policy: "block", SendBatch: 1}, "bounded, waits for room"},
		{in, results.Cell{Policy: "fail", SendBatch: 1}, "bounded, loses or refuses"},
		{in, results.Cell{Policy: "drop-oldest", SendBatch: 1}, "bounded, loses or refuses"},
		{lossy, results.Cell{SendBatch: 1}, "bounded, loses or refuses"},
		{un, results.Cell{SendBatch: 1}, "unbounded"},
		{un, results.Cell{SendBatch: 32}, "unbounded, batch in one step"},
		{in, results.Cell{SendBatch: 32}, "bounded, waits for room, batch one by one"},
	} {
		if got := classOf(&test.s, test.c).Name; got != test.want {
			t.Errorf("%+v: class %q, want %q", test.c, got, test.want)
		}
	}
}

// The downloads hold what the page was made of.
func TestDownloads(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Producers: []int{1, 16}, Reps: 6})
	text := page(t, run)
	got := map[string][]byte{}
	for _, link := range regexp.MustCompile(`<a download="([^"]*)" href="data:([^;]*);base64,([^"]*)"`).FindAllStringSubmatch(text, -1) {
		data, err := base64.StdEncoding.DecodeString(html.UnescapeString(link[3]))
		if err != nil {
			t.Fatal(err)
		}
		if link[2] == "application/gzip" {
			r, err := gzip.NewReader(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if data, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
		got[strings.TrimSuffix(link[1], ".gz")] = data
	}
	var summary results.Summary
	if err := json.Unmarshal(got[results.SummaryFile], &summary); err != nil || len(summary.Cells) != len(run.Manifest.Cells) {
		t.Errorf("the summary has %d cells, %v", len(summary.Cells), err)
	}
	if lines := bytes.Count(got[results.TrialsFile], []byte("\n")); lines != len(run.Trials) {
		t.Errorf("%d trials, want %d", lines, len(run.Trials))
	}
	var manifest results.Manifest
	if err := json.Unmarshal(got[results.ManifestFile], &manifest); err != nil || manifest.Seed != 42 {
		t.Errorf("the manifest has seed %d, %v", manifest.Seed, err)
	}
}

// A full default run, and more strategies than there are, stays under 3 MB; what is
// too large to be embedded is said to be left out.
func TestPageIsSmall(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("makes a run of thousands of trials")
	}
	run := resultstest.Run(resultstest.Config{Strategies: 28, Reps: 10, Samples: 800})
	text := page(t, run)
	t.Logf("%d strategies, %d trials: %.2f MB", len(run.Manifest.Strategies), len(run.Trials), float64(len(text))/1e6)
	if len(text) > 3e6 {
		t.Errorf("the page has %d bytes", len(text))
	}
	if !strings.Contains(text, "trials.ndjson.gz") {
		t.Error("the page does not mention the trials")
	}
}

func TestSameRunSamePage(t *testing.T) {
	t.Parallel()
	config := resultstest.Config{Producers: []int{1, 16}, Reps: 6, Samples: 300, Loads: []float64{0.5, 0.9}, Probe: true}
	first, second := page(t, resultstest.Run(config)), page(t, resultstest.Run(config))
	if first != second {
		t.Error("the same run gave different pages")
	}
}

// Whatever is missing of a run, there is a page.
func TestPagesOfPoorRuns(t *testing.T) {
	t.Parallel()
	none := resultstest.Run(resultstest.Config{Reps: 1, Samples: -1})
	none.Trials = nil
	for name, run := range map[string]*results.Run{
		"no trials":  none,
		"all fail":   resultstest.Run(resultstest.Config{Reps: 2, Fails: func(resultstest.Trial) bool { return true }}),
		"floor only": resultstest.Run(resultstest.Config{Strategies: 1, Reps: 2}),
	} {
		text := page(t, run)
		if strings.Contains(text, `id="short"`) || !strings.Contains(text, `id="environment"`) {
			t.Errorf("%s: the page has answers, or no environment", name)
		}
	}
	if text := page(t, none); !strings.Contains(text, "<strong>Not finished:</strong> 30 trials of the plan are missing.") {
		t.Error("the page of an unfinished run does not say so")
	}
}

// What ended as expected is no failure on the page: it is in a table and in a figure.
func TestExpectedEndsAreNoAlert(t *testing.T) {
	t.Parallel()
	config := resultstest.Config{Strategies: 4, Producers: []int{1}, Reps: 6, Samples: -1, Limit: 256 << 20}
	text := page(t, resultstest.Run(config))
	for _, want := range []string{
		"6 of 6 trials ended by the memory limit, as expected", `<figure id="growth">`, "ended by the memory limit, as expected, at 256 MiB after",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	const alert = "Some trials failed."
	if strings.Contains(text, alert) {
		t.Error("the page warns of trials that ended as expected")
	}
	config.Fails = func(x resultstest.Trial) bool { return x.Strategy == "chan" && x.Block == 0 }
	if !strings.Contains(page(t, resultstest.Run(config)), alert) {
		t.Error("the page does not warn of a trial that failed otherwise")
	}
}

// Beside neighbours the page also answers who is quick there, and at whose cost.
func TestAnswersBesideNeighbours(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{
		Strategies: 4, Producers: []int{4}, Samples: 2000, Rates: []float64{8e4}, Companies: []resultstest.Company{{}, {Busy: 2}, {Busy: 8}},
	})
	summary, pictures := pictured(t, run)
	answered := 0
	for _, q := range questions() {
		if q.ID != "transit-busy" && q.ID != "neighbours" {
			continue
		}
		a := judge(q, run, summary, pictures)
		if a == nil || len(a.Rows) != 2 || !strings.HasPrefix(a.Rows[0].Figure, q.Figure) {
			t.Fatalf("%s: %+v; want a row for 2 and one for 8 neighbours, with a figure", q.ID, a)
		}
		for _, row := range a.Rows {
			answered++
			if v := row.Verdicts[1]; !strings.HasPrefix(row.Conditions, "busy=") || v.Best[0].Name != "chan-unbounded" {
				t.Errorf("%s, %s: %+v; want the one that is not slowed down by them", q.ID, row.Conditions, v)
			}
		}
	}
	if answered != 4 {
		t.Errorf("%d answers; want two to each of two questions", answered)
	}
}
