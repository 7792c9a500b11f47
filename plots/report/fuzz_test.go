package report

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// FuzzReport writes the page of whatever run can be read: no panic, no error, and
// no markup out of a file.
func FuzzReport(f *testing.F) {
	run := resultstest.Run(resultstest.Config{Reps: 2, Samples: 20})
	manifest, err := json.Marshal(run.Manifest)
	if err != nil {
		f.Fatal(err)
	}
	var trials bytes.Buffer
	for _, trial := range run.Trials {
		if err := json.NewEncoder(&trials).Encode(trial); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(manifest, trials.Bytes())
	f.Add(manifest, trials.Bytes()[:trials.Len()/2])
	f.Add(bytes.ReplaceAll(manifest, []byte(`Example CPU`), []byte(`</script><script>alert(1)</script>\u0000`)), trials.Bytes())
	f.Fuzz(func(t *testing.T, manifest, trials []byte) {
		dir := t.TempDir()
		for name, text := range map[string][]byte{results.ManifestFile: manifest, results.TrialsFile: trials} {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		run, err := results.Open(dir)
		if err != nil {
			return
		}
		var page bytes.Buffer
		if err := Write(run, io.Writer(&page)); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(page.String(), "<script>alert") {
			t.Error("markup of a file is on the page")
		}
	})
}
