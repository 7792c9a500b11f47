package cmd

import (
	"github.com/spf13/cobra"

	"github.com/fanin-bench/fanin-bench/cmd/internal/usage"
	"github.com/fanin-bench/fanin-bench/harness"
)

func (a *app) trialCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "trial",
		Short: "execute one trial: JSON spec on stdin, JSON result on stdout",
		Long: "run starts this verb for every trial. It reads one JSON object from standard input and writes one to\n" +
			"standard output; package harness documents both.",
		Hidden: true,
		Args:   usage.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return harness.ServeTrial(a.stdin, a.stdout, a.known)
		},
	}
}
