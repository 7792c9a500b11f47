package cmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fanin-bench/fanin-bench/results"
)

// Exit codes.
const (
	exitSuccess    = 0
	exitFailure    = 1
	exitUsage      = 2
	exitNotDecided = 3
	exitInterrupt  = 130
	exitTerminate  = 143
)

// exits is what the exit codes mean: the help of the root shows it, and docs/READING.md does.
var exits = []struct {
	code int
	when string
}{
	{exitSuccess, "it succeeded; of compare --fail-on: every comparison excludes a regression"},
	{exitFailure, "a regression was found, a trial failed, a promise broke, nothing can be recommended, or the system failed"},
	{exitUsage, "the command line or a scenario file is wrong"},
	{exitNotDecided, "not decided or not comparable: what was measured gives no verdict, and the last line says what would"},
	{exitInterrupt, "interrupted (INT)"},
	{exitTerminate, "terminated (TERM)"},
}

// exitTable lists the exit codes for the help.
func exitTable() string {
	var b strings.Builder
	for _, e := range exits {
		fmt.Fprintf(&b, "  %3d  %s\n", e.code, e.when)
	}
	return b.String()
}

// exitCode is what a verb that ended with an error exits with, but for wrong usage and
// signals.
func exitCode(err error) int {
	if errors.Is(err, results.ErrNotDecided) || errors.Is(err, errOtherConditions) {
		return exitNotDecided
	}
	return exitFailure
}
