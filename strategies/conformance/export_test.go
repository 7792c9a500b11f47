package conformance

import "github.com/fanin-bench/fanin-bench/strategies/conformance/internal/process"

// RaceEnabled says whether the race detector is on.
const RaceEnabled = process.RaceEnabled
