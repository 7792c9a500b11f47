package results

import (
	"io"
	"maps"
	"path/filepath"
	"slices"

	"github.com/fanin-bench/fanin-bench/results/files"
)

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

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// The files of a run directory.
const (
	ManifestFile    = "manifest.json"
	TrialsFile      = "trials.ndjson"
	LatencyFile     = "latency.hlog"
	BenchFile       = "bench.txt"
	SummaryFile     = "summary.json"
	SummaryCSVFile  = "summary.csv"
	SummaryMarkdown = "summary.md"
)
