package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// foreign is the strategy of another program.
func foreign() strategies.Strategy {
	return strategies.Strategy{Descriptor: strategies.Descriptor{Name: "theirs"}, Word: strategies.NewMutexSwap[strategies.Word]}
}

func writeScript(t *testing.T, file, script string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(script), 0o700); err != nil { //nolint:gosec // a program must be executable
		t.Fatal(err)
	}
}

// Where no strategy is named, those of a program are meant, and ours of the same name.
func TestMeant(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other")
	writeScript(t, path, `#!/bin/sh
echo '{"schema":1,"strategies":[{"name":"theirs","doc":"a queue of others","order":"global","bound":"unbounded","wait":"parks"}]}'
`)
	with, err := (&app{known: known()}).withPrograms(t.Context(), []string{path})
	if err != nil {
		t.Fatal(err)
	}
	if names := with.meant(nil); strings.Join(names, " ") != "theirs ours" {
		t.Errorf("%v are meant by nobody's naming any; want theirs and ours", names)
	}
	if names := (&app{known: known()}).meant(nil); len(names) > 0 {
		t.Errorf("%v are meant without a program; want what the harness takes", names)
	}
}
