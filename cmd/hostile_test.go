package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// Whatever is wrong with a run directory, each verb that reads one gives a line
// that names the file, or does its work and warns.
func TestHostileDirectories(t *testing.T) {
	tiny := resultstest.Run(resultstest.Config{Strategies: 2, Producers: []int{2}, Reps: 2, Samples: 10})
	source := stored(t, tiny)
	read := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	manifest, trials := read(results.ManifestFile), read(results.TrialsFile)
	lines := bytes.SplitAfter(bytes.TrimSpace(trials), []byte("\n"))
	backwards := slices.Clone(lines)
	backwards[len(backwards)-1] = append(bytes.Clone(backwards[len(backwards)-1]), '\n')
	slices.Reverse(backwards)
	file := func(name string, text []byte) func(string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), text, 0o600) }
	}
	instead := func(name string, make func(string) error) func(string) error {
		return func(dir string) error {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				return err
			}
			return make(filepath.Join(dir, name))
		}
	}
	folder := func(path string) error { return os.Mkdir(path, 0o755) }
	zeros := func(path string) error { return os.Symlink("/dev/zero", path) }
	for name, c := range map[string]struct {
		spoil func(dir string) error
		want  string // in the error; empty for a success
		warns string
	}{
		"no manifest":           {instead(results.ManifestFile, func(string) error { return nil }), "it has no manifest.json", ""},
		"manifest of nothing":   {file(results.ManifestFile, nil), "manifest.json", ""},
		"manifest cut":          {file(results.ManifestFile, manifest[:len(manifest)/2]), "manifest.json", ""},
		"manifest of trials":    {file(results.ManifestFile, lines[0]), "manifest.json", ""},
		"manifest a directory":  {instead(results.ManifestFile, folder), "manifest.json", ""},
		"manifest without end":  {instead(results.ManifestFile, zeros), "over the limit", ""},
		"another schema":        {file(results.ManifestFile, bytes.Replace(manifest, []byte(`"schema":1`), []byte(`"schema":2`), 1)), "schema version 2", ""},
		"a name that is a path": {file(results.ManifestFile, bytes.ReplaceAll(manifest, []byte(`"chan"`), []byte(`"../../chan"`))), "may hold letters", ""},
		"a name that is markup": {file(results.ManifestFile, bytes.ReplaceAll(manifest, []byte(`"chan"`), []byte(`"<script>"`))), "may hold letters", ""},
		"no trials":             {instead(results.TrialsFile, func(string) error { return nil }), "", "no trial has been stored"},
		"trials cut":            {file(results.TrialsFile, trials[:len(trials)-20]), "", "the last line is torn"},
		"trials backwards":      {file(results.TrialsFile, bytes.Join(backwards, nil)), "", ""},
		"trials twice":          {file(results.TrialsFile, append(bytes.Clone(trials), trials...)), "trials.ndjson:5: it repeats block", ""},
		"trials a directory":    {instead(results.TrialsFile, folder), "trials.ndjson", ""},
		"trials without end":    {instead(results.TrialsFile, zeros), "trials.ndjson:1: the line is over the limit", ""},
		"a summary of lies":     {file(results.SummaryFile, []byte("{")), "", ""},
		"a log of lies":         {file(results.LatencyFile, []byte("\x00")), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := stored(t, tiny)
			if err := c.spoil(dir); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{
				{"export", dir, "--format", "csv"},
				{"export", dir, "--format", "benchfmt"},
				{"history", dir, source},
				{"compare", dir, source},
				{"speed", dir},
				{"recommend", "--from", dir},
				{"merge", dir, source, "--machines", "a,b", "--out", filepath.Join(t.TempDir(), "out")},
			} {
				switch {
				case c.want != "":
				case args[0] == "merge" && testing.Short(): // it draws
					continue
				case args[0] == "recommend": // there may be nothing to recommend
					continue
				}
				code, stdout, stderr := invoke(t, args...)
				if c.want != "" {
					checkError(t, args, code, exitFailure, stdout, stderr, c.want)
				} else if code != exitSuccess || !strings.Contains(stdout+stderr, c.warns) {
					t.Errorf("%v: exit %d, want success and %q in %q", args, code, c.warns, stdout+stderr)
				}
			}
		})
	}
}
