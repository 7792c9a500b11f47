package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results/program/programtest"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// killed makes the table of what the tests counted that kill processes, of each program whose
// record is kept.
func killed(t *testing.T) string {
	t.Helper()
	records, err := filepath.Glob(filepath.Join(root, "docs", "beyond", "kills-*.json"))
	if err != nil || len(records) == 0 {
		t.Fatalf("there are no records of kills (%v)", err)
	}
	var table strings.Builder
	table.WriteString("| strategy | killed | kills | confirmed | lost of these | received again |\n|---|---|--:|--:|--:|--:|\n")
	for _, name := range records {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var all []programtest.Loss
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, l := range all {
			fmt.Fprintf(&table, "| %s | %s | %d", l.Strategy, l.Killed, l.Kills)
			for _, n := range []int{l.Confirmed, l.Lost, l.Again} {
				fmt.Fprintf(&table, " | %s", units.Thousands(uint64(n)))
			}
			table.WriteString(" |\n")
		}
	}
	return table.String()
}
