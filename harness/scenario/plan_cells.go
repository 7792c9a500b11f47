package scenario

import (
	"cmp"
	"runtime"
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/parameter"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// groups returns the parameters in the order in which a scenario is multiplied out, those
// together that are ways to say the same.
func groups() [][]results.Parameter {
	const last = 1000
	all := Parameters()
	slices.SortStableFunc(all, func(a, b results.Parameter) int {
		return cmp.Compare(cmp.Or(a.Nesting, last), cmp.Or(b.Nesting, last))
	})
	var groups [][]results.Parameter
	for _, p := range all {
		at := slices.IndexFunc(groups, func(g []results.Parameter) bool { return g[0].Name == p.Or })
		if at < 0 {
			at, groups = len(groups), append(groups, nil)
		}
		groups[at] = append(groups[at], p)
	}
	return groups
}

// cellsOf multiplies out what concerns one strategy, and leaves out what it cannot have.
func cellsOf(strategy strategies.Strategy, s Scenario) ([]results.Cell, error) {
	cells, err := wanted(strategy, s)
	if err != nil || len(cells) == 0 {
		return nil, err
	}
	cells, err = carriedBy(strategy, cells)
	return slices.DeleteFunc(cells, func(c results.Cell) bool { return trial.Sharable(strategy, c) != nil }), err
}

// wanted multiplies out what concerns one strategy.
func wanted(strategy strategies.Strategy, s Scenario) ([]results.Cell, error) {
	d := strategy.Descriptor
	if err := checkValues(s); err != nil {
		return nil, err
	}
	policies, err := policiesOf(d, s.Values["policy"])
	if err != nil {
		return nil, err
	}
	s.Values.Put("policy", policies)
	if _, why := unfit(d, s.Values); why != "" {
		return nil, nil
	}
	cells := loadsOf(d, s)
	for _, group := range groups() {
		cells = multiply(cells, group, s.Values, traitsOf(strategy))
		if group[0].Name == "rate" {
			if cells, err = offered(cells, s); err != nil {
				return nil, err
			}
		}
	}
	for i := range cells {
		settle(&cells[i], d)
		if err := CheckCell(cells[i]); err != nil {
			return nil, err
		}
		if _, err := trial.Options(cells[i], d); err != nil {
			return nil, err
		}
	}
	return cells, nil
}

// checkValues reports the first word that is unknown, also of a parameter that concerns
// no cell.
func checkValues(s Scenario) error {
	for _, p := range Parameters() {
		for _, value := range s.Values[p.Name] {
			if _, _, unknown := p.Unknown(value); unknown {
				return checkValue(p, value)
			}
		}
	}
	return nil
}

// loadsOf returns the cells that a scenario has before parameters are set: of a load, and
// of a fan-in at rest.
func loadsOf(d strategies.Descriptor, s Scenario) []results.Cell {
	load := results.Cell{Strategy: d.Name, DurationNs: int64(s.Duration), Messages: s.Messages}
	if !s.Probe || d.Floor { // the floor has nothing to wake
		return []results.Cell{load}
	}
	return []results.Cell{
		{Strategy: d.Name, Arrival: results.ArrivalClosed, Kind: results.KindProbe, DurationNs: int64(DefaultDuration)}, load,
	}
}

// traitsOf returns what decides which parameters concern a strategy.
func traitsOf(s strategies.Strategy) parameter.Traits {
	return parameter.Traits{
		Capacity: s.Bound.HasCapacity(), Full: s.Bound != strategies.Unbounded,
		Lanes: s.Lanes, Weight: s.Weighed != nil, Processes: s.Processes,
	}
}

// multiply returns every cell once with every value of the parameters that concern it.
func multiply(cells []results.Cell, group []results.Parameter, values Values, of parameter.Traits) []results.Cell {
	var out []results.Cell
	for _, cell := range cells {
		varied := false
		for _, p := range group {
			if !concerns(p, cell, of) {
				continue
			}
			for _, value := range values[p.Name] {
				one := cell
				p.Copy(&one, value)
				out, varied = append(out, one), true
			}
		}
		if !varied {
			out = append(out, cell)
		}
	}
	return out
}

// concerns reports whether a parameter means something in a cell that has those before it.
func concerns(p results.Parameter, c results.Cell, of parameter.Traits) bool {
	if c.Kind == results.KindProbe && !p.AtRest {
		return false
	}
	return p.Concerns == nil || p.Concerns(c, of)
}

// offered checks what open loops offer, and puts the search behind the loads that are
// shares of what it finds.
func offered(cells []results.Cell, s Scenario) ([]results.Cell, error) {
	var out []results.Cell
	for i, c := range cells {
		if c.Load == 0 {
			c.LoadOf = ""
		}
		out = append(out, c)
		if !c.IsOpen() {
			continue
		}
		if c.Rate == 0 && c.Load == 0 {
			return nil, results.FieldErrorf("rate", "arrival %q needs a rate in messages per second of all producers together", c.Arrival)
		}
		if s.Messages > 0 {
			return nil, results.FieldErrorf("messages", "arrival %q lasts for a duration; its rate decides the count", c.Arrival)
		}
		last := i+1 == len(cells) || cells[i+1].Arrival != c.Arrival
		if last && len(s.Values["load"]) > 0 && (c.LoadOf == "" || slices.Contains(results.Baselines, c.Strategy)) {
			c.LoadOf = ""
			out = append(out, SearchFor(c))
		}
	}
	return out, nil
}

// settle fills in what a value of 0 leaves to the machine and to the strategies.
func settle(c *results.Cell, d strategies.Descriptor) {
	if c.GOMAXPROCS == 0 {
		// The environment may say more than any cell can have.
		c.GOMAXPROCS = min(runtime.GOMAXPROCS(0), int(LimitOf("gomaxprocs").Most))
	}
	if d.Bound.HasCapacity() && c.Capacity == 0 {
		c.Capacity = strategies.DefaultCapacity
	}
	if c.RecvBy == results.RecvByReader {
		c.RecvBatch = 1
	}
}

// carriedBy leaves out the cells whose items the strategy does not carry. None
// left is an error: the strategy was asked for what it cannot do.
func carriedBy(strategy strategies.Strategy, cells []results.Cell) ([]results.Cell, error) {
	var lacking error
	able := slices.DeleteFunc(cells, func(c results.Cell) bool {
		err := trial.Carries(strategy, c)
		lacking = cmp.Or(err, lacking)
		return err != nil
	})
	if len(able) == 0 {
		return nil, lacking
	}
	return able, nil
}

// SearchFor returns the search cell whose saturation rate a load cell is a share of: it
// finds out what is offered, and nothing disturbs it. That of the baseline, whichever the
// run has, has no strategy and nothing that is a strategy's own.
func SearchFor(cell results.Cell) results.Cell {
	ofBaseline := cell.LoadOf == results.LoadOfBaseline
	for _, p := range results.Declared() {
		if p.Role == parameter.Offer || p.Role == parameter.Disturbance || ofBaseline && !p.Shared() {
			p.Clear(&cell)
		}
	}
	if ofBaseline {
		cell.Strategy = ""
	}
	cell.Kind = results.KindSearch
	return cell
}

// policiesOf returns the wanted policies that the strategy offers. None is an
// error: the strategy was asked for what it cannot do.
func policiesOf(d strategies.Descriptor, values []results.Cell) ([]results.Cell, error) {
	if len(values) == 0 {
		return []results.Cell{{Policy: d.DefaultPolicy().String()}}, nil
	}
	var offered []results.Cell
	var names []string
	for _, v := range values {
		policy, err := strategies.ParsePolicy(v.Policy)
		if err != nil {
			return nil, &results.FieldError{Field: "policy", Err: err}
		}
		if d.Offers(policy) || d.Floor {
			offered = append(offered, v)
		}
		names = append(names, v.Policy)
	}
	if len(offered) == 0 {
		return nil, results.FieldErrorf("policy", "strategy %q (%s) offers none of %s", d.Name, d.Bound, strings.Join(names, ", "))
	}
	return offered, nil
}
