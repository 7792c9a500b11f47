package scenario

import (
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Absent names the strategies that a scenario would also have if they were known:
// those with a question mark.
func (s Scenario) Absent(known []strategies.Strategy) []string {
	var absent []string
	for _, variant := range s.variants() {
		for _, name := range variant.Strategies {
			name, optional := strings.CutSuffix(name, "?")
			if _, err := pick.Select([]string{name}, known); optional && err != nil && !slices.Contains(absent, name) {
				absent = append(absent, name)
			}
		}
	}
	return absent
}
