package program

import (
	"errors"
	"fmt"
	"slices"

	"github.com/fanin-bench/fanin-bench/results"
)

// known are the parameters that this package acts on.
var known = []string{
	"producers", "arrival", "rate", "payload", "send-batch", "recv-batch", "gomaxprocs", "capacity", "policy", "messages", "duration", "slice", "processes",
}

// checkCell refuses what would be measured as something else.
func checkCell(c results.Cell, policies []string) error {
	for _, p := range results.Declared() {
		if value := p.Value(c); value != "" && !slices.Contains(known, p.Name) {
			return fmt.Errorf("%s %s: this program does not know it", p.Name, value)
		}
	}
	switch {
	case c.Arrival == results.ArrivalBurst:
		return fmt.Errorf("arrival %s: this program does not know it", c.Arrival)
	case c.IsOpen() && (c.Rate <= 0 || c.DurationNs <= 0):
		return errors.New("rate: an open loop needs one, and a duration")
	case c.SendBatch > 1:
		return fmt.Errorf("send-batch %d: this program sends one message at a time", c.SendBatch)
	case c.Policy != "" && c.Policy != "block" && !slices.Contains(policies, c.Policy):
		return fmt.Errorf("policy %s: this program does not know it", c.Policy)
	case c.PayloadMix != "":
		return fmt.Errorf("payload %s: this program has messages of one size", c.PayloadMix)
	}
	return nil
}
