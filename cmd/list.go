package cmd

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/strategies"
)

func (a *app) listCommand() *cobra.Command {
	var format string
	command := &cobra.Command{
		Use:     "list",
		Short:   "list the strategies and the built-in scenarios",
		Example: "  fanin-bench list\n  fanin-bench list --format json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			switch format {
			case "text":
				return a.listText()
			case "markdown":
				_, err := fmt.Fprint(a.stdout, strategyTable(a.known))
				return err
			case "json":
				return a.listJSON()
			default:
				return usageErrorf("parsing --format: unknown format %q (one of text, markdown, json)", format)
			}
		},
	}
	command.Flags().StringVar(&format, "format", "text", "text, markdown (the strategies only) or json")
	return command
}

func (a *app) listText() error {
	scenarios, err := harness.Scenarios()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "STRATEGY\tORDER\tBOUND\tPOLICIES\tHOW IT WORKS")
	for _, s := range a.known {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", s.Name, s.Order, s.Bound, policies(s.Descriptor), s.Doc)
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, "SCENARIO\tQUESTION")
	for _, s := range scenarios {
		fmt.Fprintf(w, "%s\t%s\n", s.Name, s.About)
	}
	return w.Flush()
}

// policies words what a send does when there is no room.
func policies(d strategies.Descriptor) string {
	if d.Bound == strategies.Unbounded {
		return "-"
	}
	var offered []string
	for _, p := range strategies.Policies() {
		if d.Offers(p) {
			offered = append(offered, p.String())
		}
	}
	return strings.Join(offered, ", ")
}

// strategyTable is the README's table of strategies.
func strategyTable(known []strategies.Strategy) string {
	var b strings.Builder
	b.WriteString("| strategy | how it works | order | bound | when full | waits |\n|---|---|---|---|---|---|\n")
	for _, s := range known {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", s.Name, s.Doc, s.Order, s.Bound, policies(s.Descriptor), s.Wait)
	}
	return b.String()
}

func (a *app) listJSON() error {
	encoder := json.NewEncoder(a.stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(manifestStrategies(a.known))
}
