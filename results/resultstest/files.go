package resultstest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
)

// Store writes a run into a directory of the test's and returns its path.
func Store(t testing.TB, run *results.Run) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	if err := run.Store(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

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
	for name, text := range map[string][]byte{results.ManifestFile: manifest, results.TrialsFile: trials} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return results.Open(dir)
}
