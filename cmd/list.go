package cmd

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
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
	fmt.Fprintln(w, "STRATEGY\tORDER\tBOUND\tPOLICIES\tBATCH\tHOW IT WORKS")
	for _, s := range a.known {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", s.Name, s.Order, s.Bound, policies(s.Descriptor), batch(s.Descriptor), s.Doc)
	}
	fmt.Fprintln(w)
	listPeers(w, a.known)
	fmt.Fprintln(w, "GROUP\tSTRATEGIES, AND THE FLOOR")
	for _, g := range harness.Groups() {
		about := g.About
		if g.Name == harness.DefaultGroup {
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

// listPeers lists what the queues of others are and what they lack.
func listPeers(w io.Writer, known []strategies.Strategy) {
	for _, s := range known {
		if s.Module == "" {
			continue
		}
		fmt.Fprintf(w, "%s\tis %s\n", s.Name, s.Module)
		for _, lack := range lacks(s.Descriptor) {
			fmt.Fprintf(w, "\t%s\n", lack)
		}
		fmt.Fprintln(w)
	}
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
	return cmp.Or(strings.Join(offered(d), ", "), "-")
}

// strategyTable is the README's table of strategies, and of peers where there are
// any.
func strategyTable(known []strategies.Strategy) string {
	var b strings.Builder
	b.WriteString("| strategy | how it works | order | bound | when full | batches | waits |\n|---|---|---|---|---|---|---|\n")
	for _, s := range known {
		if s.Module == "" {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s |\n",
				s.Name, s.Doc, s.Order, s.Bound, policies(s.Descriptor), batch(s.Descriptor), s.Wait)
		}
	}
	b.WriteString(peerTable(known))
	return b.String()
}

// peerTable is the README's table of the queues that others wrote.
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

func (a *app) listJSON() error {
	encoder := json.NewEncoder(a.stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(manifestStrategies(a.known))
}
