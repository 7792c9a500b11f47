package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Omission is what a plan does not have of a strategy, and why.
type Omission struct {
	Strategy string `json:"strategy"`
	Why      string `json:"why"`
}

// Omissions returns what the cells of a scenario leave out: whole strategies, in the
// order of known, and what does not concern, or cannot be had with, those that have cells.
func (s Scenario) Omissions(known []strategies.Strategy, cells []results.Cell) []Omission {
	planned := make(map[string]bool)
	for _, cell := range cells {
		planned[cell.Strategy] = true
	}
	var out []Omission
	for _, strategy := range known {
		whys := s.without(strategy, known)
		if !planned[strategy.Name] {
			whys = []string{s.whyNot(strategy, known)}
		}
		for _, why := range whys {
			out = append(out, Omission{strategy.Name, why})
		}
	}
	for _, name := range s.Absent(known) {
		if _, err := pick.Find(known, name); err != nil && !slices.ContainsFunc(known, func(k strategies.Strategy) bool { return k.Name == name }) {
			out = append(out, Omission{name, "this program does not have it"})
		}
	}
	return out
}

// whyNot says why a strategy has no cell at all.
func (s Scenario) whyNot(strategy strategies.Strategy, known []strategies.Strategy) string {
	if strategy.Unbuildable != "" {
		return "it cannot be built: " + strategy.Unbuildable
	}
	for _, variant := range s.variants() {
		if !variant.chooses(strategy, known) {
			continue
		}
		if _, why := unfit(strategy.Descriptor, variant.Values); why != "" {
			return why
		}
		if whys := unsharable(strategy, variant, known); len(whys) > 0 {
			return strings.Join(whys, "; ")
		}
		return "its cells are measured elsewhere"
	}
	return "not asked for"
}

// unfit says for which parameter a strategy can have no cell with some values, and why;
// nothing if it can.
func unfit(d strategies.Descriptor, values Values) (parameter, why string) {
	given := func(name string, is func(results.Cell) bool) bool { return slices.ContainsFunc(values[name], is) }
	switch free := d.Floor || d.Lossy; { // one carries nothing, the other lets its senders run away from the consumer
	case free && len(values["stages"]) > 0:
		return "stages", "it cannot be a stage: its senders never wait"
	case free && given("window", func(c results.Cell) bool { return c.Window > 0 }):
		return "window", "its messages have no reply: its senders never wait"
	case d.Bound == strategies.Rendezvous && given("mesh", func(c results.Cell) bool { return c.Mesh > 0 }):
		return "mesh", "it cannot be in a mesh: fan-ins that hold nothing and send to each other wait for ever"
	}
	return "", ""
}

// noCells is the error of a scenario of which no strategy can have a cell.
func (s Scenario) noCells(known []strategies.Strategy) error {
	blamed := "strategies"
	var whys []string
	for _, variant := range s.variants() {
		for _, strategy := range known {
			if parameter, why := unfit(strategy.Descriptor, variant.Values); why != "" && variant.chooses(strategy, known) {
				blamed, whys = parameter, append(whys, strategy.Name+": "+why)
			}
		}
	}
	return results.FieldErrorf(blamed, "no strategy can be measured so (%s)", strings.Join(whys, "; "))
}

// chooses reports whether a strategy is among those of a scenario, its variants aside.
func (s Scenario) chooses(strategy strategies.Strategy, known []strategies.Strategy) bool {
	chosen, err := pick.Select(s.Strategies, known)
	return err == nil && slices.ContainsFunc(chosen, func(c strategies.Strategy) bool { return c.Name == strategy.Name })
}

// without says which values of the scenario a strategy has no cells for.
func (s Scenario) without(strategy strategies.Strategy, known []strategies.Strategy) []string {
	var whys []string
	note := func(format string, args ...any) {
		if why := fmt.Sprintf(format, args...); !slices.Contains(whys, why) {
			whys = append(whys, why)
		}
	}
	d := strategy.Descriptor
	for _, v := range s.variants() {
		if lacking := lackingPolicies(d, v.Values["policy"]); len(lacking) > 0 {
			note("policy %s: not offered", strings.Join(lacking, ", "))
		}
		if len(v.Values["capacity"]) > 1 && !d.Bound.HasCapacity() {
			note("capacity: it has none (%s)", d.Bound)
		}
		if len(v.Values["capacity-bytes"]) > 0 && strategy.Weighed == nil {
			note("capacity-bytes: it has no bound in bytes")
		}
		if len(v.Values["lanes"]) > 1 && !d.Lanes {
			note("lanes: it has none")
		}
		for _, why := range unsharable(strategy, v, known) {
			note("%s", why)
		}
		byValue := slices.ContainsFunc(v.Values["item"], func(c results.Cell) bool { return c.Item == results.ItemValue })
		for _, cell := range v.Values["payload"] {
			cell.Item = results.ItemValue
			if !byValue || cell.Payload == results.MinPayload {
				continue
			}
			if err := trial.Carries(strategy, cell); err != nil {
				note("item value of %d bytes: it does not carry it", cell.Payload)
			}
		}
	}
	return whys
}

// unsharable says which cells of a variant a strategy cannot have, for what its producers
// send through.
func unsharable(strategy strategies.Strategy, v Scenario, known []strategies.Strategy) []string {
	if !v.chooses(strategy, known) {
		return nil
	}
	cells, err := wanted(strategy, v)
	if err != nil {
		return nil // of which the plan tells
	}
	var whys []string
	for _, c := range cells {
		var field *results.FieldError
		if !errors.As(trial.Sharable(strategy, c), &field) {
			continue
		}
		why := fmt.Sprintf("%s: %v", c.Label(sharingParameters(), " "), field.Err)
		if !slices.Contains(whys, why) {
			whys = append(whys, why)
		}
	}
	return whys
}

// sharingParameters are those that say what producers send through.
func sharingParameters() []results.Parameter {
	return slices.DeleteFunc(Parameters(), func(p results.Parameter) bool {
		return !slices.Contains([]string{"sharing", "lifetime", "send-by", "recv-by"}, p.Name)
	})
}

// lackingPolicies returns those that a strategy does not offer.
func lackingPolicies(d strategies.Descriptor, values []results.Cell) []string {
	var lacking []string
	for _, v := range values {
		if policy, err := strategies.ParsePolicy(v.Policy); err == nil && !d.Offers(policy) && !d.Floor {
			lacking = append(lacking, v.Policy)
		}
	}
	return lacking
}
