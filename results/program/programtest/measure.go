package programtest

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
)

// Measure has a trial executed by a process of its own: the test's binary, which is to be the
// program if its argument is a verb.
func Measure(t *testing.T, cell results.Cell) *results.Measurement {
	t.Helper()
	spec, err := json.Marshal(map[string]any{"schema": results.SchemaVersion, "cell": cell, "timeout_ns": int64(60e9)})
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0], "trial")
	child.Stdin, child.Stderr = strings.NewReader(string(spec)), os.Stderr
	out, err := child.Output()
	if err != nil {
		t.Fatal(err)
	}
	var reply struct {
		Measurement *results.Measurement
		Failure     *results.Failure
	}
	if err := json.Unmarshal(out, &reply); err != nil || reply.Measurement == nil {
		t.Fatalf("the reply is %s (%v)", out, err)
	}
	return reply.Measurement
}
