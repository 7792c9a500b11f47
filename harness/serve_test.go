package harness

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
)

// A child checks its cell as its parent does.
func TestCheckNeighbours(t *testing.T) {
	for want, change := range map[string]func(*results.Cell){
		"busy: -1 is not in 0..4096":             func(c *results.Cell) { c.Busy = -1 },
		"busy: 5000 is not in 0..4096":           func(c *results.Cell) { c.Busy = 5000 },
		`busy-kind: unknown kind "aloc"`:         func(c *results.Cell) { c.Busy, c.BusyKind = 1, "aloc" },
		`busy-kind: "alloc" needs busy above 0`:  func(c *results.Cell) { c.BusyKind = results.BusyAlloc },
		"busy: the probe needs a fan-in at rest": func(c *results.Cell) { c.Busy, c.Kind = 1, results.KindProbe },
	} {
		spec := specOf("chan")
		change(&spec.Cell)
		text, err := json.Marshal(spec)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = ReadSpec(bytes.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want %q", err, want)
		}
	}
}

// A child refuses what cannot be carried by value.
func TestReadSpecItem(t *testing.T) {
	spec := `{"schema":1,"cell":{"strategy":"chan","producers":1,"arrival":"closed","payload_bytes":100,"item":"value",` +
		`"send_batch":1,"recv_batch":1,"messages":1,"gomaxprocs":1}}`
	if _, err := ReadSpec(strings.NewReader(spec)); err == nil || !strings.Contains(err.Error(), "100 bytes cannot be carried by value") {
		t.Errorf("error %v of a spec; want one of the payload", err)
	}
}
