package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fanin-bench/fanin-bench/results/files"
	"github.com/fanin-bench/fanin-bench/results/histogram"
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

// of returns the trials and the summary of what was chosen. The summary is
// computed before: a speed-up over a strategy that was not chosen stays. The
// manifest is whole, so that every cell keeps its name.
func (c Choice) of(run *Run) (*Run, *Summary) {
	summary := Summarize(run)
	summary.times = c.Times
	summary.Cells = slices.DeleteFunc(summary.Cells, func(s CellSummary) bool { return !c.Has(s.Cell) })
	chosen := *run
	others := func(t Trial) bool { return !c.Has(t.Cell) }
	chosen.Trials = slices.DeleteFunc(slices.Clone(run.Trials), others)
	chosen.Superseded = slices.DeleteFunc(slices.Clone(run.Superseded), others)
	return &chosen, summary
}

// derived is every file that WriteDerived makes, and the format under which
// Export writes the same.
var derived = []struct {
	name, format string
	write        func(io.Writer, *Run, *Summary) error
}{
	{SummaryFile, "json", func(out io.Writer, _ *Run, s *Summary) error { return files.WriteJSON(out, s) }},
	{SummaryCSVFile, "csv", func(out io.Writer, _ *Run, s *Summary) error { return WriteCSV(out, s) }},
	{SummaryMarkdown, "markdown", WriteMarkdown},
	{BenchFile, "benchfmt", func(out io.Writer, r *Run, _ *Summary) error { return WriteBench(out, r) }},
	{LatencyFile, "hlog", WriteLatencyLog},
}

// WriteDerived makes every file of a run directory that follows from its manifest,
// its trials and their summary. Each is replaced as a whole.
func WriteDerived(run *Run, summary *Summary) error {
	for _, file := range derived {
		err := files.Write(filepath.Join(run.Dir, file.name), func(out io.Writer) error {
			return file.write(out, run, summary)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// formatTrials is the format of trials.ndjson itself.
const formatTrials = "ndjson"

// FormatPercentiles is the format of the text that plotters of HdrHistograms
// read. It is the only one of many files: see Percentiles.
const FormatPercentiles = "hgrm"

// ExportFormats lists the formats of Export, and FormatPercentiles.
func ExportFormats() []string {
	var formats []string
	for _, file := range derived {
		formats = append(formats, file.format)
	}
	return append(formats, formatTrials, FormatPercentiles)
}

// Export writes the chosen part of a run in one of the formats that are a single
// file. Each is what the run directory holds under a name of its own.
func Export(out io.Writer, run *Run, format string, choice Choice) error {
	if format == formatTrials {
		return writeTrials(out, run.lines(), choice)
	}
	for _, file := range derived {
		if file.format == format {
			chosen, summary := choice.of(run)
			return file.write(out, chosen, summary)
		}
	}
	return fmt.Errorf("unknown format %q (one of %s)", format, strings.Join(ExportFormats(), ", "))
}

// writeTrials writes the chosen trials as lines of trials.ndjson.
func writeTrials(out io.Writer, trials []Trial, choice Choice) error {
	encoder := json.NewEncoder(out)
	for i := range trials {
		if !choice.Has(trials[i].Cell) {
			continue
		}
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
	_, summary := choice.of(run)
	varying := Varying(run.Manifest.Cells)
	names := map[string]int{}
	var all []Percentiles
	for i := range summary.Cells {
		c := &summary.Cells[i]
		for _, times := range c.loggedTimes() {
			if times.histogram == nil || !summary.wants(times.name) {
				continue
			}
			name := files.Name(strings.NewReplacer("/", "_", "=", "-").Replace(c.path(varying)+times.suffix()), maxPercentilesName)
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
