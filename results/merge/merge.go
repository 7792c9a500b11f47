package merge

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/sheet"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// Runs puts runs of one scenario together: shards of a plan that were made on
// equal machines become one run, and what different machines measured stays
// apart under Cell.Machine, so that no table, ratio or figure mixes machines.
// names, if any, are the machine of each run, told by their user; otherwise runs
// of equal environments are of one machine. What does not keep the runs from
// being merged but a reader should know is in Manifest.Warnings.
func Runs(runs []*results.Run, names []string) (*results.Run, error) {
	if len(runs) < 2 {
		return nil, errors.New("merging: at least two runs are needed")
	}
	if len(names) > 0 && len(names) != len(runs) {
		return nil, fmt.Errorf("merging: %d names of machines for %d runs", len(names), len(runs))
	}
	if err := mergeable(runs); err != nil {
		return nil, fmt.Errorf("merging: %w", err)
	}
	machines, of, err := machinesOf(runs, names)
	if err != nil {
		return nil, fmt.Errorf("merging: %w", err)
	}
	j := &joint{owner: map[results.Cell]*results.Run{}, seed: map[string]*results.Run{}, fewer: results.Fewer{}}
	j.run.Manifest = runs[0].Manifest
	m := &j.run.Manifest
	m.Label = commonLabel(runs)
	m.Shard, m.Cells, m.CellReps, m.Strategies, m.Warnings, m.Merged, m.Finished = "", nil, nil, nil, nil, nil, nil
	if len(machines) > 1 {
		m.Machines, m.Environment = machines, results.Environment{}
	}
	for i, run := range runs {
		machine := ""
		if len(machines) > 1 {
			machine = machines[of[i]].Name
		}
		if err := j.add(run, machine); err != nil {
			return nil, fmt.Errorf("merging: %w", err)
		}
	}
	j.finish(runs)
	return &j.run, nil
}

// mergeable refuses runs that do not answer the same question.
func mergeable(runs []*results.Run) error {
	first := &runs[0].Manifest
	for _, run := range runs {
		m := &run.Manifest
		switch {
		case len(m.Machines) > 0:
			return fmt.Errorf("%q was merged from several machines itself: merge the runs that it was made of", run.Dir)
		case m.Scenario != first.Scenario:
			return fmt.Errorf("%q ran the scenario %q, %q ran %q: they answer different questions", run.Dir, m.Scenario, runs[0].Dir, first.Scenario)
		case m.Reps != first.Reps:
			return fmt.Errorf("%q has %s, %q has %d: run them with the same --reps", run.Dir, units.Plural(m.Reps, "repetition"), runs[0].Dir, first.Reps)
		case !slices.Equal(m.Expect, first.Expect):
			return fmt.Errorf("%q expects the failures %q, %q %q: run them with the same --expect", run.Dir, m.Expect, runs[0].Dir, first.Expect)
		}
	}
	return nil
}

// machinesOf returns the machines of some runs, each once, and which of them each
// run is of.
func machinesOf(runs []*results.Run, names []string) (machines []results.Machine, of []int, err error) {
	for i, run := range runs {
		e := run.Manifest.Environment
		at := slices.IndexFunc(machines, func(m results.Machine) bool {
			if len(names) > 0 {
				return m.Name == names[i]
			}
			return len(e.Changes(m.Environment)) == 0
		})
		if at < 0 {
			at = len(machines)
			name := ""
			if len(names) > 0 {
				name = names[i]
			} else {
				name = newLabel(e, machines)
			}
			machines = append(machines, results.Machine{Name: name, Environment: e})
		}
		if changes := e.Changes(machines[at].Environment); len(changes) > 0 {
			return nil, nil, fmt.Errorf("%q is said to be of machine %q, but differs from another run of it: %s",
				run.Dir, names[i], strings.Join(changes, ", "))
		}
		of = append(of, at)
	}
	return machines, of, nil
}

// newLabel names a machine unlike those that are named already, by what is
// different about it if it can.
func newLabel(e results.Environment, others []results.Machine) string {
	taken := func(name string) bool {
		return slices.ContainsFunc(others, func(m results.Machine) bool { return m.Name == name })
	}
	base := e.Label()
	name := base
	for _, fact := range e.Facts() {
		if !taken(name) {
			return name
		}
		if part := results.NameOf(fact.Text); fact.Kind == results.Condition && part != "" {
			name = base + "-" + part[:min(len(part), results.MaxNameBytes-len(base)-1)]
		}
	}
	for n := 2; taken(name); n++ {
		name = base + "-" + strconv.Itoa(n)
	}
	return name
}

// joint is a merged run in the making.
type joint struct {
	run   results.Run
	owner map[results.Cell]*results.Run // which run a cell came from
	seed  map[string]*results.Run       // the first run of a machine
	added int                           // runs so far
	fewer results.Fewer
}

func (j *joint) add(run *results.Run, machine string) error {
	m := &run.Manifest
	j.added++
	if first := j.seed[machine]; first == nil {
		j.seed[machine] = run
	} else if m.Seed != first.Manifest.Seed {
		return fmt.Errorf("%q and %q are of equal machines but not of one plan: their seeds are %d and %d (--machines keeps runs apart)",
			first.Dir, run.Dir, first.Manifest.Seed, m.Seed)
	}
	fewer := m.Fewer()
	for _, cell := range m.Cells {
		reps := fewer.Of(cell, m.Reps)
		cell.Machine = machine
		if reps < m.Reps {
			j.fewer[cell] = reps
		}
		if owner := j.owner[cell]; owner != nil {
			return fmt.Errorf("%q and %q both have the cell %s (--machines keeps runs apart)", owner.Dir, run.Dir, cell)
		}
		j.owner[cell] = run
		j.run.Manifest.Cells = append(j.run.Manifest.Cells, cell)
	}
	for _, t := range run.Trials {
		t.Cell.Machine = machine
		t.Measurement = j.sitting(t.Measurement)
		j.run.Trials = append(j.run.Trials, t)
	}
	for _, t := range run.Superseded {
		t.Cell.Machine = machine
		j.run.Superseded = append(j.run.Superseded, t)
	}
	for _, s := range m.Strategies {
		j.strategy(s, run.Dir)
	}
	sources := m.Merged // a run that was joined from shards stays what it was
	if len(sources) == 0 {
		sources = []results.Source{{Dir: run.Dir, Shard: m.Shard, Label: m.Label, Seed: m.Seed, Version: m.Version, Started: m.Started, Command: m.Command}}
	}
	for _, s := range sources {
		s.Machine = machine
		j.run.Manifest.Merged = append(j.run.Manifest.Merged, s)
	}
	for _, text := range slices.Concat(m.Warnings, run.Warnings) {
		j.warn("%s: %s", run.Dir, text)
	}
	return nil
}

// sitting keeps trials of different runs apart, whose sittings may have one name.
func (j *joint) sitting(m *results.Measurement) *results.Measurement {
	if m == nil || m.Slices == nil || m.Slices.Sitting == "" {
		return m
	}
	name := fmt.Sprintf("%d.%s", j.added, m.Slices.Sitting)
	apart, turns := *m, *m.Slices
	turns.Sitting = name[:min(len(name), results.MaxNameBytes)]
	apart.Slices = &turns
	return &apart
}

func (j *joint) warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !slices.Contains(j.run.Manifest.Warnings, text) {
		j.run.Manifest.Warnings = append(j.run.Manifest.Warnings, text)
	}
}

// strategy adds what a run says of a strategy, unless another said it before.
func (j *joint) strategy(s results.Strategy, dir string) {
	m := &j.run.Manifest
	if known := m.Strategy(s.Name); known != nil {
		if known.Floor != s.Floor || known.Index != s.Index || known.Module != s.Module {
			j.warn("%s: the strategy %s is registered differently there: as in the first run, it is number %d, %s",
				dir, s.Name, known.Index, cmp.Or(known.Module, "built in"))
		}
		return
	}
	m.Strategies = append(m.Strategies, s)
}

// finish brings everything into order and says what is odd about the whole.
func (j *joint) finish(runs []*results.Run) {
	m := &j.run.Manifest
	slices.SortStableFunc(m.Strategies, func(a, b results.Strategy) int { return cmp.Compare(a.Index, b.Index) })
	place := map[string]int{}
	for i, s := range m.Strategies {
		place[s.Name] = i
	}
	slices.SortStableFunc(m.Cells, func(a, b results.Cell) int {
		return cmp.Or(cmp.Compare(place[a.Strategy], place[b.Strategy]), cmp.Compare(a.Producers, b.Producers))
	})
	m.SetFewer(j.fewer)
	slices.SortStableFunc(j.run.Trials, func(a, b results.Trial) int { return a.Started.Compare(b.Started) })
	finished := true
	for _, run := range runs {
		if run.Manifest.Started.Before(m.Started) {
			m.Started = run.Manifest.Started
		}
		if f := run.Manifest.Finished; f == nil {
			finished = false
		} else if m.Finished == nil || f.After(*m.Finished) {
			m.Finished = f
		}
	}
	if !finished {
		m.Finished = nil
	}
	j.settings(runs)
	j.shards()
}

// settings warns of runs that were made in another way.
func (j *joint) settings(runs []*results.Run) {
	for _, setting := range []struct {
		name  string
		value func(*results.Manifest) string
	}{
		{"versions of fanin-bench", func(m *results.Manifest) string { return m.Version }},
		{"commits", func(m *results.Manifest) string { return m.Environment.Commit }},
		{"isolations", func(m *results.Manifest) string { return m.Isolation }},
		{"timeouts", func(m *results.Manifest) string { return units.Duration(m.TimeoutNs) }},
		{"memory limits", func(m *results.Manifest) string { return strconv.FormatInt(m.MemoryLimit, 10) }},
	} {
		dirs := map[string][]string{}
		for _, run := range runs {
			value := cmp.Or(sheet.OneLine(setting.value(&run.Manifest)), "none")
			dirs[value] = append(dirs[value], run.Dir)
		}
		if len(dirs) > 1 {
			var parts []string
			for _, value := range slices.Sorted(maps.Keys(dirs)) {
				parts = append(parts, fmt.Sprintf("%s (%s)", value, strings.Join(dirs[value], ", ")))
			}
			j.warn("the merged runs have different %s: %s", setting.name, strings.Join(parts, ", "))
		}
	}
}

// shards warns of parts of a plan that are missing, and of parts that cannot be
// compared because different machines measured them.
func (j *joint) shards() {
	have := map[int]map[int]bool{}           // parts by their number
	measured := map[string]map[string]bool{} // shards by machine
	for _, s := range j.run.Manifest.Merged {
		var part, parts int
		if n, _ := fmt.Sscanf(s.Shard, "%d/%d", &part, &parts); n != 2 || part < 1 || part > parts {
			continue
		}
		if have[parts] == nil {
			have[parts] = map[int]bool{}
		}
		have[parts][part] = true
		if measured[s.Machine] == nil {
			measured[s.Machine] = map[string]bool{}
		}
		measured[s.Machine][s.Shard] = true
	}
	for _, parts := range slices.Sorted(maps.Keys(have)) {
		if n := len(have[parts]); n < parts {
			j.warn("%d of %d shards of the plan are missing", parts-n, parts)
		}
	}
	for _, shards := range measured {
		if !maps.Equal(shards, measured[j.run.Manifest.Merged[0].Machine]) {
			j.warn("shards of one plan were measured by different machines: numbers of one are not to be compared with those of another")
			break
		}
	}
}

// commonLabel returns the label of some runs, empty if they have different ones.
func commonLabel(runs []*results.Run) string {
	for _, run := range runs {
		if run.Manifest.Label != runs[0].Manifest.Label {
			return ""
		}
	}
	return runs[0].Manifest.Label
}
