package cmd

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/fanin-bench/fanin-bench/harness"
)

// plan resolves what a new run is to do, and says what it leaves out.
func (s *session) plan(c *cobra.Command, flags *runFlags) (harness.Scenario, harness.Plan, error) {
	changed := c.Flags().Changed
	var plan harness.Plan
	scenario, err := flags.resolve(changed)
	if err != nil {
		return scenario, plan, err
	}
	if s.app, err = s.withNamedPrograms(c.Context(), flags.programs); err != nil {
		return scenario, plan, err
	}
	scenario.Strategies = s.meant(scenario.Strategies)
	if err := checkOffer(scenario, changed); err != nil {
		return scenario, plan, err
	}
	if flags.quick {
		if scenario, err = scenario.Quick(s.known, changed); err != nil {
			return scenario, plan, planError(err, changed, flags.scenario)
		}
	}
	if plan, err = harness.NewPlan(scenario, s.known, flags.seed); err != nil {
		return scenario, plan, planError(err, changed, flags.scenario)
	}
	s.noteMissing(scenario, plan.Cells)
	if changed("shard") {
		if plan, err = plan.Shard(flags.shard); err != nil {
			return scenario, plan, planError(err, changed, flags.scenario)
		}
	}
	if flags.against != "" {
		if s.base, err = s.findOpponent(c.Context(), flags.against); err != nil {
			return scenario, plan, err
		}
		if plan.Cells, err = s.base.common(plan.Cells, s.stderr); err != nil {
			return scenario, plan, err
		}
	}
	return scenario, plan, nil
}

// expected is roughly how long a run of a plan takes, with that of the program that it is
// measured in turns with.
func (s *session) expected(plan harness.Plan) time.Duration {
	if s.base != nil {
		return 2 * plan.Expected()
	}
	return plan.Expected()
}
