package cmd

import (
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/harness/scenario"
)

// What a value is called in help: a noun of this list, or the choices. Who needs another
// noun adds it here, and says it aloud first.
var valueNouns = []string{
	"capacities", "capacity", "count", "counts", "directory", "duration", "duration/count", "duration/period", "durations", "exponent", "exponents",
	"factor", "file", "format", "kind", "kinds", "name", "names", "part", "path", "policies", "rate", "rates", "seed", "share", "shares",
	"size", "sizes", "text",
}

// Phrases that have to be read twice: each has a noun that is shorter.
var clumsy = regexp.MustCompile(`\b(what|that of|those (that|which|who)|so (many|much|long|often)|` +
	`who|whom|which (is|are) not|be(ing)? given up|give \w+ (\w+ )?up)\b`)

// Every flag that takes a value names it by a noun or by its choices, and says what it does
// in a plain sentence.
func TestUsages(t *testing.T) {
	choices := regexp.MustCompile(`^[a-z-]+(\|[a-z-]+)+$`)
	seen := 0
	walk(t, (&app{}).root(io.Discard), func(c *cobra.Command) {
		c.LocalFlags().VisitAll(func(flag *pflag.Flag) {
			seen++
			name, usage := pflag.UnquoteUsage(flag)
			if flag.Value.Type() != "bool" && (strings.Count(flag.Usage, "`") != 2 || !slices.Contains(valueNouns, name) && !choices.MatchString(name)) {
				t.Errorf("%s --%s: the value is called %q, no noun of the list and no choices, in %q", c.CommandPath(), flag.Name, name, flag.Usage)
			}
			if found := clumsy.FindString(usage); found != "" {
				t.Errorf("%s --%s: %q says %q: name the noun", c.CommandPath(), flag.Name, usage, found)
			}
		})
		for _, text := range []string{c.Short, c.Long} {
			if found := clumsy.FindString(text); found != "" {
				t.Errorf("%s: the help says %q: name the noun", c.CommandPath(), found)
			}
		}
	})
	if seen < 80 {
		t.Errorf("%d flags were seen", seen)
	}
}

// A flag that takes one value names one.
func TestUsagesOfOne(t *testing.T) {
	asked := scenario.Asked()
	for _, p := range asked {
		name, _, _ := strings.Cut(strings.SplitN(p.Usage, "`", 3)[1], "|")
		if strings.HasSuffix(name, "s") && !strings.Contains(p.Usage, "|") {
			t.Errorf("recommend --%s takes one value, and its help says %q: declare One", p.Name, name)
		}
	}
	if len(asked) < 20 {
		t.Errorf("%d parameters can be asked for", len(asked))
	}
}

// walk visits the commands of this program, and none of the library's.
func walk(t *testing.T, c *cobra.Command, visit func(*cobra.Command)) {
	t.Helper()
	if c.Name() == "completion" || c.Name() == "help" {
		return
	}
	visit(c)
	for _, sub := range c.Commands() {
		walk(t, sub, visit)
	}
}
