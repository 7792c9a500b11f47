package cmd

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/cmd/internal/terminal"
	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/strategies"
)

func (a *app) listCommand() *cobra.Command {
	var format string
	var scenarios, schema bool
	var programs []string
	command := &cobra.Command{
		Use:   "list",
		Short: "list the strategies and the built-in scenarios",
		Example: "  fanin-bench list\n  fanin-bench list --format json\n  fanin-bench list --scenarios\n" +
			"  fanin-bench list --schema >scenario.schema.json\n  fanin-bench list --program bin/originals",
		Args: usage.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := a.withNamedPrograms(c.Context(), programs)
			if err != nil {
				return err
			}
			switch {
			case scenarios && schema, (scenarios || schema) && c.Flags().Changed("format"):
				return usage.Errorf("--format, --scenarios and --schema contradict each other: give one of them")
			case scenarios:
				return a.listScenarios()
			case schema:
				return terminal.WriteJSON(a.stdout, scenarioSchema())
			}
			switch format {
			case "text":
				return a.listText()
			case "markdown":
				_, err := fmt.Fprint(a.stdout, strategyTable(a.known))
				return err
			case "json":
				return terminal.WriteJSON(a.stdout, harness.Describe(a.known))
			default:
				return usage.Errorf("--format: unknown format %q (one of text, markdown, json)", format)
			}
		},
	}
	registerPrograms(command.Flags(), &programs)
	command.Flags().StringVar(&format, "format", "text", "`text|markdown|json`: output format; markdown has the strategies only")
	command.Flags().BoolVar(&scenarios, "scenarios", false, "list only the scenarios, with the cells and the approximate time of each")
	command.Flags().BoolVar(&schema, "schema", false, "print the JSON schema of scenario files, for editors")
	return command
}

// listScenarios lists the built-in scenarios and what they take.
func (a *app) listScenarios() error {
	scenarios, err := scenario.BuiltIn()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SCENARIO\tCELLS\tTAKES\tQUESTION")
	for _, s := range scenarios {
		plan, err := scenario.NewPlan(s, a.known, 0)
		if err != nil {
			return fmt.Errorf("scenario %s: %w", s.Name, err)
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", s.Name, len(plan.Cells), roughly(plan.Expected()), s.About)
	}
	return w.Flush()
}

// roughly words a time as it is meant, without more digits than are known.
func roughly(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(math.Ceil(d.Seconds()/10))*10)
	}
	return fmt.Sprintf("%d min", int(math.Ceil(d.Minutes())))
}

// scenarioSchema describes each key by the help of its flag.
func scenarioSchema() scenario.Schema {
	flags := pflag.NewFlagSet("run", pflag.ContinueOnError)
	new(runFlags).register(flags)
	return scenario.JSONSchema(func(key string) string {
		_, usage := pflag.UnquoteUsage(flags.Lookup(key))
		return usage
	})
}

func (a *app) listText() error {
	scenarios, err := scenario.BuiltIn()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "STRATEGY\tFAMILY\tORDER\tBY A SENDER\tBOUND\tPOLICIES\tBATCH\tHOW IT WORKS")
	for _, s := range a.known {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
			s.Name, cmp.Or(s.Family, "-"), s.Order, s.SenderOrder(), s.Bound, policies(s.Descriptor), batch(s.Descriptor), s.Doc)
	}
	if slices.ContainsFunc(a.known, func(s strategies.Strategy) bool { return s.Family == "" || policies(s.Descriptor) == "-" }) {
		fmt.Fprintln(w, "-: no family, or never full")
	}
	fmt.Fprintln(w)
	listPeers(w, a.known)
	fmt.Fprintln(w, "GROUP\tSTRATEGIES, AND THE FLOOR")
	for _, g := range pick.Groups() {
		about := g.About
		if g.Name == pick.DefaultGroup {
			about += " (the default)"
		}
		fmt.Fprintf(w, "%s\t%s\n", g.Name, about)
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, "SCENARIO\tQUESTION")
	for _, s := range scenarios {
		fmt.Fprintf(w, "%s\t%s\n", s.Name, s.About)
	}
	return w.Flush()
}

// delivery words what becomes of messages when a process ends suddenly.
func delivery(d strategies.Descriptor) string {
	if len(d.Survives) == 0 {
		return "delivers " + d.Delivery + ", and survives no sudden end"
	}
	return "delivers " + d.Delivery + ", and survives the sudden end of the " + strings.Join(d.Survives, " and the ")
}

// listPeers lists what the queues of others are, and what strategies lack.
func listPeers(w io.Writer, known []strategies.Strategy) {
	for _, s := range known {
		all := append(lacks(s.Descriptor), without(s.Descriptor)...)
		if s.Module != "" {
			all = append([]string{"is " + s.Module}, all...)
		}
		if s.Delivery != "" {
			all = append(all, delivery(s.Descriptor))
		}
		name := s.Name
		for _, what := range all {
			fmt.Fprintf(w, "%s\t%s\n", name, what)
			name = ""
		}
		if len(all) > 0 {
			fmt.Fprintln(w)
		}
	}
}

// without words which extras a strategy has not.
func without(d strategies.Descriptor) []string {
	var all []string
	for _, extra := range strategies.Extras() {
		if why, not := d.Without[extra]; not {
			all = append(all, fmt.Sprintf("has no %s: %s", extra, why))
		}
	}
	return all
}

// lacks words what a strategy cannot do, promises of one reason together.
func lacks(d strategies.Descriptor) []string {
	var all []string
	if d.Unbuildable != "" {
		all = append(all, "cannot be built: "+d.Unbuildable)
	}
	var reasons []string
	promises := make(map[string][]string) // by reason
	for _, promise := range strategies.Promises() {
		why, lacking := d.Lacks[promise]
		if !lacking {
			continue
		}
		if promises[why] == nil {
			reasons = append(reasons, why)
		}
		promises[why] = append(promises[why], string(promise))
	}
	for _, why := range reasons {
		all = append(all, fmt.Sprintf("lacks %s: %s", strings.Join(promises[why], ", "), why))
	}
	return all
}

// batch words how a batch is sent.
func batch(d strategies.Descriptor) string {
	if d.Batch {
		return "in one step"
	}
	return "one by one"
}

// policies words what a send does when there is no room.
func policies(d strategies.Descriptor) string {
	return cmp.Or(strings.Join(harness.Offered(d), ", "), "-")
}

// strategyTable is the documentation's table of strategies, and of peers where there are
// any.
func strategyTable(known []strategies.Strategy) string {
	var b strings.Builder
	b.WriteString("| strategy | how it works | order | by a Sender | bound | when full | batches | waits |\n|---|---|---|---|---|---|---|---|\n")
	for _, s := range known {
		if s.Module == "" {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s | %s |\n",
				s.Name, s.Doc, s.Order, s.SenderOrder(), s.Bound, policies(s.Descriptor), batch(s.Descriptor), s.Wait)
		}
	}
	b.WriteString(peerTable(known))
	if legend := tableLegend(b.String()); legend != "" {
		b.WriteString("\n" + legend + "\n")
	}
	return b.String()
}

// tableLegend explains what the Markdown of strategies has in place of a word.
func tableLegend(tables string) string {
	var parts []string
	if strings.Contains(tables, "| - |") {
		parts = append(parts, "`-`: it is never full")
	}
	if strings.Contains(tables, "|  |") {
		parts = append(parts, "blank: unknown, because it cannot be built")
	}
	return strings.Join(parts, "; ")
}

// peerTable is the documentation's table of the queues that others wrote.
func peerTable(known []strategies.Strategy) string {
	var b strings.Builder
	for _, s := range known {
		if s.Module == "" {
			continue
		}
		if b.Len() == 0 {
			b.WriteString("\n| peer | module | how it works | bound | when full | batches | waits | cannot |\n|---|---|---|---|---|---|---|---|\n")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s | %s |\n",
			s.Name, s.Module, s.Doc, s.Bound, policies(s.Descriptor), batch(s.Descriptor), s.Wait, strings.Join(cannot(s.Descriptor), ", "))
	}
	return b.String()
}

// cannot names what a strategy lacks, without the reasons.
func cannot(d strategies.Descriptor) []string {
	var names []string
	if d.Unbuildable != "" {
		names = append(names, "be built")
	}
	for _, promise := range strategies.Promises() {
		if !d.Keeps(promise) {
			names = append(names, string(promise))
		}
	}
	return names
}
