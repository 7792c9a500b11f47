package resultstest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
)

// Texts returns what a run directory holds of the run: the text of its manifest and
// of its trials.
func Texts(t testing.TB, run *results.Run) (manifest, trials []byte) {
	t.Helper()
	manifest, err := json.Marshal(run.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	if err := results.Export(&lines, run, "ndjson", results.Choice{}); err != nil {
		t.Fatal(err)
	}
	return manifest, lines.Bytes()
}

// Open reads a run directory whose two files hold these texts, whatever they are.
func Open(t testing.TB, manifest, trials []byte) (*results.Run, error) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, manifest, trials)
	return results.Open(dir)
}

// Put writes no more of a run than what is read again, into a directory: the
// fsyncs of a store take long.
func Put(t testing.TB, dir string, run *results.Run) {
	t.Helper()
	manifest, trials := Texts(t, run)
	write(t, dir, manifest, trials)
}

func write(t testing.TB, dir string, manifest, trials []byte) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{results.ManifestFile: manifest, results.TrialsFile: trials} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
