// Command checkrun checks a run directory as a stranger would read it, with
// nothing of the project's own code: every file is there and well-formed, no
// trial failed, and the files tell the same story.
//
//	go run .ci/checkrun.go out/latest
package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run .ci/checkrun.go DIR")
		os.Exit(2)
	}
	dir := os.Args[1]
	if err := errors.Join(checkTrials(dir), checkTexts(dir), checkPlots(dir)); err != nil {
		fmt.Fprintf(os.Stderr, "checking the run directory %q:\n%v\n", dir, err)
		os.Exit(1)
	}
	fmt.Printf("run directory %s: sound\n", dir)
}

// checkTrials compares what was planned, what was measured and what is quoted.
func checkTrials(dir string) error {
	var manifest struct {
		Reps     int
		Finished string
		Cells    []json.RawMessage
	}
	var summary struct {
		Cells []struct {
			Strategy       string
			Trials, Failed int
		}
	}
	measured, err := countMeasured(filepath.Join(dir, "trials.ndjson"))
	err = errors.Join(err, readJSON(filepath.Join(dir, "manifest.json"), &manifest), readJSON(filepath.Join(dir, "summary.json"), &summary))
	if err != nil {
		return err
	}
	quoted := 0
	for _, cell := range summary.Cells {
		quoted += cell.Trials
		if cell.Trials == 0 || cell.Failed > 0 {
			err = errors.Join(err, fmt.Errorf("summary.json: %q: %d trials, %d failed", cell.Strategy, cell.Trials, cell.Failed))
		}
	}
	cells, planned := len(manifest.Cells), len(manifest.Cells)*manifest.Reps
	fmt.Printf("%d of %d trials in %d cells\n", measured, planned, cells)
	// A quick run may stop early on a slow machine. Its blocks see to it that
	// each cell was measured, and it says that it is not finished.
	if cells == 0 || len(summary.Cells) != cells || quoted != measured || (manifest.Finished != "") != (measured == planned) {
		err = errors.Join(err, fmt.Errorf("the files disagree: %d trials planned in %d cells, finished %q; %d measured; %d quoted in %d cells",
			planned, cells, manifest.Finished, measured, quoted, len(summary.Cells)))
	}
	return err
}

// countMeasured returns how many lines of trials.ndjson hold a measurement; a
// line that holds none, or a failure, is an error.
func countMeasured(name string) (int, error) {
	file, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	count := 0
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20) // a line carries a histogram
	for lines.Scan() {
		count++
		var trial struct {
			Failure     json.RawMessage
			Measurement struct{ Delivered int64 }
		}
		if err := json.Unmarshal(lines.Bytes(), &trial); err != nil {
			return 0, fmt.Errorf("%s:%d: %w", name, count, err)
		}
		if trial.Failure != nil || trial.Measurement.Delivered == 0 {
			return 0, fmt.Errorf("%s:%d: nothing was measured: %s", name, count, trial.Failure)
		}
	}
	return count, lines.Err()
}

func readJSON(name string, into any) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// checkTexts looks at the files that are read by people and by other tools.
func checkTexts(dir string) error {
	var errs []error
	for name, want := range map[string]string{
		"latency.hlog": "Tag=",
		"bench.txt":    "\nBenchmark",
		"summary.md":   "|---|",
		"index.html":   "</html>",
		"summary.csv":  "strategy,",
	} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		switch {
		case err != nil:
			errs = append(errs, err)
		case !bytes.Contains(data, []byte(want)):
			errs = append(errs, fmt.Errorf("%s: no %q in its %d bytes", name, want, len(data)))
		case strings.HasSuffix(name, ".csv"):
			_, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// checkPlots decodes every figure; each exists as SVG and as PNG.
func checkPlots(dir string) error {
	figures, err := filepath.Glob(filepath.Join(dir, "plots", "*.svg"))
	if err != nil || len(figures) == 0 {
		return errors.Join(err, errors.New("plots: no figures"))
	}
	for _, svg := range figures {
		err = errors.Join(err, checkFile(svg, checkSVG), checkFile(strings.TrimSuffix(svg, ".svg")+".png", checkPNG))
	}
	return err
}

func checkFile(name string, check func(io.Reader) error) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := check(file); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func checkPNG(in io.Reader) error {
	_, err := png.Decode(in)
	return err
}

func checkSVG(in io.Reader) error {
	var root struct {
		XMLName xml.Name `xml:"svg"`
	}
	return xml.NewDecoder(in).Decode(&root)
}
