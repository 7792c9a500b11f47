package results

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/perf/benchfmt"

	"github.com/fanin-bench/fanin-bench/results/files"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/sheet"
)

// Choice narrows down what is exported or compared. An empty list means everything.
type Choice struct {
	Strategies []string
	Producers  []int
	Times      []string // of TimesNames
}

// TimesNames lists the kinds of times that have histograms.
func TimesNames() []string {
	var names []string
	for _, times := range (&CellSummary{}).loggedTimes() {
		names = append(names, times.name)
	}
	return names
}

func (s *Summary) wants(times string) bool {
	return len(s.times) == 0 || slices.Contains(s.times, times)
}

// Check reports what a run does not have of a choice.
func (c Choice) Check(m *Manifest) error { return c.check(m, "the run has no") }

func (c Choice) check(m *Manifest, lacks string) error {
	var strategies []string
	for _, s := range m.Strategies {
		strategies = append(strategies, s.Name)
	}
	if err := oneOf(lacks+" strategy", c.Strategies, strategies); err != nil {
		return err
	}
	if err := oneOf(lacks+" times", c.Times, TimesNames()); err != nil {
		return err
	}
	if err := oneOf(lacks+" number of producers", c.Producers, ProducersOf(m.Cells)); err != nil {
		return err
	}
	if !slices.ContainsFunc(m.Cells, c.Has) {
		return fmt.Errorf("%s cell with both a strategy of %v and producers of %v", lacks, c.Strategies, c.Producers)
	}
	return nil
}

// CheckBoth reports what neither of two runs has of a choice.
func (c Choice) CheckBoth(a, b *Manifest) error {
	both := &Manifest{Strategies: slices.Clone(a.Strategies), Cells: slices.Concat(a.Cells, b.Cells)}
	for _, s := range b.Strategies {
		if a.Strategy(s.Name) == nil {
			both.Strategies = append(both.Strategies, s)
		}
	}
	return c.check(both, "neither run has a")
}

func oneOf[V comparable](what string, wanted, there []V) error {
	for _, v := range wanted {
		if !slices.Contains(there, v) {
			names := make([]string, len(there))
			for i, name := range there {
				names[i] = fmt.Sprint(name)
			}
			return fmt.Errorf("%s %q (one of %s)", what, fmt.Sprint(v), strings.Join(names, ", "))
		}
	}
	return nil
}

// Has reports whether a cell is chosen.
func (c Choice) Has(cell Cell) bool {
	return (len(c.Strategies) == 0 || slices.Contains(c.Strategies, cell.Strategy)) &&
		(len(c.Producers) == 0 || slices.Contains(c.Producers, cell.Producers))
}

// Cells returns the chosen ones of a run.
func (c Choice) Cells(m *Manifest) []Cell {
	return slices.DeleteFunc(slices.Clone(m.Cells), func(cell Cell) bool { return !c.Has(cell) })
}

// trials returns a run with the chosen trials only. The manifest is whole, so that every
// cell keeps its name.
func (c Choice) trials(run *Run) *Run {
	chosen := *run
	others := func(t Trial) bool { return !c.Has(t.Cell) }
	chosen.Trials = slices.DeleteFunc(slices.Clone(run.Trials), others)
	chosen.Superseded = slices.DeleteFunc(slices.Clone(run.Superseded), others)
	return &chosen
}

// summary returns the summary of what was chosen. It is computed of the whole run: a
// speed-up over a strategy that was not chosen stays.
func (c Choice) summary(run *Run) *Summary {
	summary := Summarize(run)
	summary.times = c.Times
	summary.Cells = slices.DeleteFunc(summary.Cells, func(s CellSummary) bool { return !c.Has(s.Cell) })
	return summary
}

// Format is a format that a run, or a part of it, can be written in.
type Format struct {
	Name  string
	About string // for help, in lines
	// Timed says that a choice of times applies.
	Timed bool

	file string // of the run directory, which holds the same of the whole run; empty if none does
	// write writes what was chosen; nil: there are several files, see Percentiles.
	write func(out io.Writer, chosen *Run, summary func() *Summary) error
}

// formats is the table of formats, in the order of help.
var formats = []Format{
	{
		Name: "benchfmt", About: "a line for each trial, for benchstat", file: BenchFile,
		write: func(out io.Writer, r *Run, _ func() *Summary) error { return WriteBench(out, r) },
	},
	{
		Name: "csv", About: "a row for each cell, for spreadsheets", file: SummaryCSVFile,
		write: func(out io.Writer, _ *Run, s func() *Summary) error { return WriteCSV(out, s()) },
	},
	{
		Name: "json", About: "the same as JSON, with warnings", file: SummaryFile,
		write: func(out io.Writer, _ *Run, s func() *Summary) error { return files.WriteJSON(out, s()) },
	},
	{
		Name: "markdown", About: "the tables, for people", file: SummaryMarkdown,
		write: func(out io.Writer, r *Run, s func() *Summary) error { return WriteMarkdown(out, r, s()) },
	},
	{Name: "slices", About: "a row for each slice of each trial that took turns, as CSV", // too large to lie in every run directory
		write: func(out io.Writer, r *Run, _ func() *Summary) error { return WriteSlices(out, r) }},
	{Name: "ndjson", About: "every trial with all its measurements, one line of JSON each", // trials.ndjson itself
		write: func(out io.Writer, r *Run, _ func() *Summary) error { return writeTrials(out, r.lines()) }},
	{
		Name: "hlog", About: "HdrHistogram log, for HistogramLogAnalyzer and similar tools", Timed: true, file: LatencyFile,
		write: func(out io.Writer, r *Run, s func() *Summary) error { return WriteLatencyLog(out, r, s()) },
	},
	{
		Name: FormatPercentiles, Timed: true,
		About: "percentiles of a cell's times in µs, for the HdrHistogram plotter:\na file for each cell and kind of times in the directory --out",
	},
}

// Formats lists the formats.
func Formats() []Format { return slices.Clone(formats) }

// WriteDerived makes every file of a run directory that follows from its manifest,
// its trials and their summary. Each is replaced as a whole.
func WriteDerived(run *Run, summary *Summary) error {
	for _, f := range formats {
		if f.file == "" {
			continue
		}
		err := files.Write(filepath.Join(run.Dir, f.file), func(out io.Writer) error {
			return f.write(out, run, func() *Summary { return summary })
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// FormatPercentiles is the format of the text that plotters of HdrHistograms
// read. It is the only one of many files: see Percentiles.
const FormatPercentiles = "hgrm"

// FormatNames lists the names of the formats.
func FormatNames() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.Name)
	}
	return names
}

// Export writes the chosen part of a run in one of the formats that are a single
// file.
func Export(out io.Writer, run *Run, format string, choice Choice) error {
	for _, f := range formats {
		if f.Name == format && f.write != nil {
			return f.write(out, choice.trials(run), func() *Summary { return choice.summary(run) })
		}
	}
	return fmt.Errorf("unknown format %q (one of %s)", format, strings.Join(FormatNames(), ", "))
}

// writeTrials writes trials as lines of trials.ndjson.
func writeTrials(out io.Writer, trials []Trial) error {
	encoder := json.NewEncoder(out)
	for i := range trials {
		if err := encoder.Encode(&trials[i]); err != nil {
			return err
		}
	}
	return nil
}

// Percentiles is one histogram as percentile text.
type Percentiles struct {
	// Name says which cell and which times these are, as a file name without its
	// extension.
	Name string

	histogram *histogram.Histogram
}

// NewPercentiles returns the chosen histograms of a run in the order of its
// cells, or an error if there is none.
func NewPercentiles(run *Run, choice Choice) ([]Percentiles, error) {
	summary := choice.summary(run)
	varying := Varying(run.Manifest.Cells)
	names := map[string]int{}
	var all []Percentiles
	for i := range summary.Cells {
		c := &summary.Cells[i]
		for _, times := range c.loggedTimes() {
			if times.histogram == nil || !summary.wants(times.name) {
				continue
			}
			name := files.Name(files.Portable(strings.NewReplacer("/", "_", "=", "-").Replace(c.path(varying)+times.suffix())), maxPercentilesName)
			names[name]++
			// Cells that differ only in how long they were watched share a name.
			if n := names[name]; n > 1 {
				name += fmt.Sprintf("_%d", n)
			}
			all = append(all, Percentiles{name, times.histogram})
		}
	}
	if len(all) == 0 {
		return nil, errors.New("none of the chosen cells has such times")
	}
	return all, nil
}

// The steps of the percentile axis are halved so often towards 100 %, as the
// tools of HdrHistogram do by default.
const ticksPerHalfDistance = 5

// maxPercentilesName leaves room for a number and the extension.
const maxPercentilesName = 200

// Write writes the histogram in µs: three decimals then keep whole ns.
func (p Percentiles) Write(out io.Writer) error {
	if err := p.histogram.WritePercentiles(out, ticksPerHalfDistance, 1000); err != nil {
		return err
	}
	// Readers skip what begins with #.
	_, err := fmt.Fprintf(out, "#[Values are in us, of %s]\n", p.Name)
	return err
}

// WriteLatencyLog writes an HdrHistogram V2 log: for each cell the transit
// times of all its trials together, tagged strategy/producers=N and what else
// tells the cell apart; other times under that tag with their name.
func WriteLatencyLog(out io.Writer, run *Run, summary *Summary) error {
	w := hdrhistogram.NewHistogramLogWriter(out)
	if err := w.OutputComment("[transit times in ns unless the tag ends in time=...; the maximum column is in ms]"); err != nil {
		return err
	}
	if err := w.OutputLogFormatVersion(); err != nil {
		return err
	}
	if err := w.OutputStartTime(run.Manifest.Started.UnixMilli()); err != nil {
		return err
	}
	if err := w.OutputLegend(); err != nil {
		return err
	}
	varying, spans := Varying(run.Manifest.Cells), run.spans()
	for i := range summary.Cells {
		c := &summary.Cells[i]
		tag := c.path(varying)
		during := spans[c.Cell]
		for _, times := range c.loggedTimes() {
			if times.histogram == nil || !summary.wants(times.name) {
				continue
			}
			h := times.histogram.Counts().Clone()
			h.SetTag(tag + times.suffix())
			h.SetStartTimeMs(during.from)
			h.SetEndTimeMs(during.to)
			if err := w.OutputIntervalHistogram(h); err != nil {
				return err
			}
		}
	}
	return nil
}

// loggedTimes are the times of one kind that a cell has, nil if it has none.
type loggedTimes struct {
	name      string
	histogram *histogram.Histogram
}

// suffix tells the kind in a tag and in a file name. The transit times, which
// most runs have alone, stand under the cell's own name.
func (t loggedTimes) suffix() string {
	if t.name == timesTransit {
		return ""
	}
	return "/time=" + t.name
}

const timesTransit = "transit"

// loggedTimes lists what is logged of a cell.
func (c *CellSummary) loggedTimes() []loggedTimes {
	return []loggedTimes{
		{timesTransit, c.Histogram(Transit)},
		{"response", c.Histogram(Response)},
		{"send-delay", c.Histogram(SendDelay)},
		{"wake", c.Histogram(Wake)},
	}
}

// span is from when to when something went on, in ms since the epoch.
type span struct{ from, to int64 }

// spans returns when the first measured trial of each cell started and the last one
// ended.
func (r *Run) spans() map[Cell]span {
	all := map[Cell]span{}
	for i := range r.Trials {
		t := &r.Trials[i]
		if t.Measurement == nil {
			continue
		}
		start := t.Started.UnixMilli()
		now := span{start, start + t.WallNs/1e6}
		if s, begun := all[t.Cell]; begun {
			now = span{min(s.from, now.from), max(s.to, now.to)}
		}
		all[t.Cell] = now
	}
	return all
}

// WriteBench writes the Go benchmark format: a result for each measured trial,
// so that benchstat makes its own statistics (benchstat -col /strategy).
func WriteBench(out io.Writer, run *Run) error {
	w := benchfmt.NewWriter(out)
	for _, q := range quantities {
		if q.Bench == "" || !q.HigherIsBetter {
			continue // benchstat takes what it is not told of for a cost
		}
		if err := w.Write(&benchfmt.UnitMetadata{
			UnitMetadataKey: benchfmt.UnitMetadataKey{Unit: q.Bench, Key: "better"}, OrigUnit: q.Bench, Value: "higher",
		}); err != nil {
			return err
		}
	}
	varying := Varying(run.Manifest.Cells)
	for _, t := range benchOrder(run) {
		if t.Measurement == nil || t.Measurement.Delivered == 0 {
			continue
		}
		values := benchValues(&t)
		if len(values) == 0 {
			continue
		}
		name := "FanIn/strategy=" + t.Cell.path(varying)
		config := benchConfig(run.Manifest.EnvironmentOf(t.Cell))
		result := &benchfmt.Result{Config: config, Name: benchfmt.Name(name), Iters: int(t.Measurement.Delivered), Values: values}
		if err := w.Write(result); err != nil {
			return err
		}
	}
	return nil
}

// unitPerOp is the unit that go test writes first, and so do we.
const unitPerOp = "ns/op"

// benchValues lists what a trial measured of what its cell is about.
func benchValues(t *Trial) []benchfmt.Value {
	var values []benchfmt.Value
	for _, q := range quantities {
		if q.Bench == "" || !q.IsAbout(t.Cell) {
			continue
		}
		if v, ok := q.Of(t); ok {
			values = append(values, benchfmt.Value{Value: v, Unit: q.Bench})
		}
	}
	if i := slices.IndexFunc(values, func(v benchfmt.Value) bool { return v.Unit == unitPerOp }); i > 0 {
		first := values[i]
		values = slices.Insert(slices.Delete(values, i, i+1), 0, first)
	}
	return values
}

func benchConfig(e Environment) []benchfmt.Config {
	var config []benchfmt.Config
	for _, c := range [][2]string{{"goos", e.OS}, {"goarch", e.Arch}, {"cpu", e.CPU}, {"go", e.Go}} {
		if value := sheet.OneLine(c[1]); value != "" {
			config = append(config, benchfmt.Config{Key: c[0], Value: []byte(value), File: true})
		}
	}
	return config
}

// benchOrder sorts the trials by cell, the baseline's first: benchstat compares
// with the strategy that it meets first.
func benchOrder(run *Run) []Trial {
	rank, baseline := map[Cell]int{}, run.Manifest.Baseline()
	for i, c := range run.Manifest.Cells {
		rank[c] = i
		if c.Strategy == baseline {
			rank[c] -= len(run.Manifest.Cells)
		}
	}
	trials := slices.Clone(run.Trials)
	slices.SortStableFunc(trials, func(a, b Trial) int {
		return cmp.Or(cmp.Compare(rank[a.Cell], rank[b.Cell]), cmp.Compare(a.Block, b.Block))
	})
	return trials
}
