package harness

import (
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
)

// A program that ignores neighbours measures something else under their name.
func TestNeighboursIgnored(t *testing.T) {
	spec := specOf("chan")
	spec.Cell.Busy = 2
	reply := runChild(t.Context(), childCommand(t, "modest"), spec)
	if f := reply.Failure; f == nil || f.Kind != results.FailureProtocol || !strings.Contains(f.Detail, "busy 2") {
		t.Errorf("reply %+v; want it refused", reply)
	}
}
