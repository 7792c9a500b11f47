package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// FuzzReport writes the page of whatever run can be read: no panic, no error, and
// no markup out of a file.
func FuzzReport(f *testing.F) {
	manifest, trials := resultstest.Texts(f, resultstest.Run(resultstest.Config{Reps: 2, Samples: 20}))
	f.Add(manifest, trials)
	f.Add(manifest, trials[:len(trials)/2])
	f.Add(bytes.ReplaceAll(manifest, []byte(`Example CPU`), []byte(`</script><script>alert(1)</script>\u0000`)), trials)
	f.Fuzz(func(t *testing.T, manifest, trials []byte) {
		run, err := resultstest.Open(t, manifest, trials)
		if err != nil {
			return
		}
		if strings.Contains(page(t, run), "<script>alert") {
			t.Error("markup of a file is on the page")
		}
	})
}
