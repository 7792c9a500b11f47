package conformance

import (
	"context"
	"fmt"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/process"
)

// RaceEnabled says whether the race detector is on.
const RaceEnabled = process.RaceEnabled

// CheckOne is Check with one check, by its name.
func CheckOne(ctx context.Context, s strategies.Strategy, opts Options, name string) []Finding {
	for _, c := range checks {
		if c.name != name {
			continue
		}
		if f := newKit(s, opts).report(ctx, c); f != nil {
			return []Finding{*f}
		}
		return nil
	}
	panic(fmt.Sprintf("there is no check %q", name))
}
