package results_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/perf/benchfmt"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

func export(t *testing.T, run *results.Run, format string, choice results.Choice) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := results.Export(&out, run, format, choice); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Every number of trials.ndjson and bench.txt comes back through the readers
// that others use.
func TestExportReadsBack(t *testing.T) {
	t.Parallel()
	run := open()
	lines := bytes.Split(bytes.TrimSpace(export(t, run, "ndjson", results.Choice{})), []byte("\n"))
	if len(lines) != len(run.Trials) {
		t.Errorf("%d lines for %d trials", len(lines), len(run.Trials))
	}
	for i, line := range lines {
		var trial results.Trial
		if err := json.Unmarshal(line, &trial); err != nil || trial.Cell != run.Trials[i].Cell || trial.Block != run.Trials[i].Block {
			t.Errorf("line %d: %v, %v", i+1, trial.Cell, err)
		}
	}
	choice := results.Choice{Strategies: []string{"chan"}, Producers: []int{16}}
	reader := benchfmt.NewReader(bytes.NewReader(export(t, run, "benchfmt", choice)), "bench.txt")
	var got, want []float64
	for reader.Scan() {
		if result, ok := reader.Result().(*benchfmt.Result); ok {
			if !strings.Contains(string(result.Name), "strategy=chan/producers=16") {
				t.Errorf("not chosen: %s", result.Name)
			}
			if v, ok := result.Value("sec/op"); ok { // as the reader tidies ns/op
				got = append(got, 1e9*v)
			}
		}
	}
	if err := reader.Err(); err != nil {
		t.Fatal(err)
	}
	for _, trial := range run.Trials {
		if trial.Cell.Strategy == "chan" && trial.Cell.Producers == 16 && trial.Cell.Kind == "" {
			ns, _ := results.NsPerMsg.Of(&trial)
			want = append(want, ns)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-6*b } // benchfmt prints rounded
	if len(want) == 0 || !slices.EqualFunc(got, want, near) {
		t.Errorf("ns/op %v, want %v", got, want)
	}
}

// The log holds the histograms that the summary was read from, bucket by bucket.
func TestExportedLogReadsBack(t *testing.T) {
	t.Parallel()
	run := open()
	want := map[string]*histogram.Histogram{}
	for _, c := range results.Summarize(run).Cells {
		if c.Histogram(results.Response) != nil && c.Strategy == "chan" {
			want[strconv.Itoa(c.Producers)+" "+strconv.FormatFloat(c.Rate+c.Load, 'g', -1, 64)] = c.Histogram(results.Response)
		}
	}
	text := export(t, run, "hlog", results.Choice{Strategies: []string{"chan"}, Times: []string{"response"}})
	reader := hdrhistogram.NewHistogramLogReader(bytes.NewReader(text))
	var found []*hdrhistogram.Histogram
	for {
		h, err := reader.NextIntervalHistogram()
		if h == nil || err == io.EOF { //nolint:errorlint // the library's own end of file
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if tag := h.Tag(); !strings.HasPrefix(tag, "chan/") || !strings.HasSuffix(tag, "/time=response") {
			t.Errorf("tag %q was not chosen", tag)
		}
		found = append(found, h)
	}
	if len(found) != len(want) || len(want) == 0 {
		t.Fatalf("%d histograms, want %d", len(found), len(want))
	}
	for key, h := range want {
		if !slices.ContainsFunc(found, func(other *hdrhistogram.Histogram) bool { return other.Equals(h.Counts()) }) {
			t.Errorf("%s is not in the log", key)
		}
	}
}

// Each line of percentile text is what the histogram says, in µs, in the four
// columns that the plotter splits at spaces.
func TestPercentiles(t *testing.T) {
	t.Parallel()
	run := open()
	choice := results.Choice{Strategies: []string{"chan"}, Producers: []int{1}, Times: []string{"response"}}
	all, err := results.NewPercentiles(run, choice)
	if err != nil {
		t.Fatal(err)
	}
	var h *histogram.Histogram
	for _, c := range results.Summarize(run).Cells {
		if c.Strategy == "chan" && c.Producers == 1 && c.Histogram(results.Response) != nil {
			h = c.Histogram(results.Response)
			break
		}
	}
	var out bytes.Buffer
	if err := all[0].Write(&out); err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(out.String()) {
		fields := strings.Fields(line)
		if len(fields) != 4 || fields[0] == "Value" || strings.HasPrefix(line, "#") {
			continue
		}
		rows++
		value, _ := strconv.ParseFloat(fields[0], 64)
		// The count is exact; the percentile beside it is rounded.
		count, _ := strconv.ParseFloat(fields[2], 64)
		if want := float64(h.ValueAtQuantile(100*count/float64(h.TotalCount()))) / 1000; math.Abs(value-want) > 0.01*want {
			t.Errorf("at %v of %d: %v µs, want %v", count, h.TotalCount(), value, want)
		}
	}
	if rows < 10 || !strings.Contains(out.String(), "#[Values are in us, of chan_producers-1_") {
		t.Errorf("%d rows:\n%s", rows, &out)
	}
	names := map[string]bool{}
	for _, p := range all {
		if names[p.Name] || strings.ContainsAny(p.Name, `/\ `) {
			t.Errorf("file name %q", p.Name)
		}
		names[p.Name] = true
	}
	_, err = results.NewPercentiles(run, results.Choice{Strategies: []string{"null"}, Times: []string{"wake"}})
	resultstest.WantError(t, err, "none of the chosen cells has such times")
}

// A speed-up stays when its baseline was not chosen.
func TestExportKeepsSpeedup(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Producers: []int{1, 16}, Reps: 6, Samples: 20})
	text := export(t, run, "csv", results.Choice{Strategies: []string{"lanes"}, Producers: []int{16}})
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	at := slices.Index(rows[0], "speedup_over_chan_median")
	if speedup, err := strconv.ParseFloat(rows[1][at], 64); err != nil || speedup < 1 {
		t.Errorf("speed-up %q", rows[1][at])
	}
	if rows[1][0] != "lanes" || rows[1][1] != "16" {
		t.Errorf("row %v", rows[1][:2])
	}
}

func TestChoice(t *testing.T) {
	t.Parallel()
	m := &small().Manifest
	for want, choice := range map[string]results.Choice{
		`the run has no strategy "lnes" (one of null, chan)`: {Strategies: []string{"chan", "lnes"}},
		`no number of producers "7" (one of 1, 4)`:           {Producers: []int{7}},
		`no times "p99" (one of transit, response`:           {Times: []string{"p99"}},
	} {
		resultstest.WantError(t, choice.Check(m), want)
	}
	if err := (results.Choice{Strategies: []string{"chan"}, Producers: []int{4}, Times: results.TimesNames()}).Check(m); err != nil {
		t.Error(err)
	}
	resultstest.WantError(t, results.Export(io.Discard, small(), "xml", results.Choice{}), `unknown format "xml" (one of benchfmt, csv`)
}
