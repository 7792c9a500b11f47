package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fanin-bench/fanin-bench/cmd/internal/terminal"
	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// dryRun is what a run would do.
type dryRun struct {
	Scenario    string              `json:"scenario"`
	Seed        uint64              `json:"seed"`
	Reps        int                 `json:"reps"`
	Cells       []dryCell           `json:"cells"`
	Trials      []dryTrial          `json:"trials"`
	ExpectedS   float64             `json:"expected_s"` // all trials of it, and of the program that it is measured in turns with
	MemoryLimit int64               `json:"memory_limit_bytes,omitempty"`
	LeftOut     []scenario.Omission `json:"left_out,omitempty"`
	Cuts        []cut               `json:"cuts,omitempty"`
}

// dryCell is a cell, how long a trial of it takes, about, and what the items occupy that a
// bounded strategy holds when it is full; 0 if nothing bounds it.
type dryCell struct {
	results.Cell
	ExpectedS float64 `json:"expected_s"`
	HeldBytes int64   `json:"held_bytes,omitempty"`
}

// dryTrial is a trial and the command that repeats it by itself.
type dryTrial struct {
	Cell    string `json:"cell"`
	Block   int    `json:"block"`
	Seed    uint64 `json:"seed"`
	Command string `json:"command"`
}

// dryRun prints what a run would do, and does none of it.
func (a *app) dryRun(c *cobra.Command, flags *runFlags) error {
	s := &session{app: a.at(flags.volume)}
	chosen, plan, err := s.plan(c, flags)
	if err != nil {
		return err
	}
	dry := &dryRun{
		Scenario: chosen.Name, Seed: plan.Seed, Reps: plan.Reps, MemoryLimit: int64(chosen.MemoryLimit),
		LeftOut: chosen.Omissions(s.known, plan.Cells), ExpectedS: s.expected(plan).Seconds(), Cuts: s.cuts,
	}
	for _, cell := range plan.Cells {
		one := scenario.Plan{Cells: []results.Cell{cell}, Reps: 1, MemoryLimit: plan.MemoryLimit}
		items := int64(0) // also of a strategy that another program has
		if strategy, err := pick.Find(s.known, cell.Strategy); err == nil {
			if items, err = trial.Held(strategy, cell); err != nil {
				return err
			}
		}
		dry.Cells = append(dry.Cells, dryCell{cell, one.Expected().Seconds(), items * int64(cell.Payload)})
	}
	slots := plan.Slots()
	for i, spec := range harness.Specs(slots, time.Duration(chosen.Timeout), int64(chosen.MemoryLimit)) {
		command, err := s.repeating(spec)
		if err != nil {
			return err
		}
		dry.Trials = append(dry.Trials, dryTrial{spec.Cell.String(), slots[i].Block, spec.Seed, command})
	}
	if flags.json {
		return terminal.WriteJSON(s.stdout, dry)
	}
	return s.printDry(dry, plan)
}

// cut is what a flag leaves out of a plan.
type cut struct {
	By    string   `json:"by"` // the flag
	Cells int      `json:"cells"`
	Of    int      `json:"of_cells"`
	Reps  int      `json:"reps,omitempty"` // repetitions of each cell
	Gone  []string `json:"values,omitempty"`
}

// noteCut notes what of a whole plan is not in another.
func (s *session) noteCut(by string, whole, left scenario.Plan) {
	c := cut{By: by, Cells: len(whole.Cells) - len(left.Cells), Of: len(whole.Cells), Reps: whole.Reps - left.Reps}
	c.gone("producers", func(c results.Cell) string { return strconv.Itoa(c.Producers) }, whole, left)
	for _, p := range results.Parameters() {
		c.gone(p.Name, p.Value, whole, left)
	}
	s.cuts = append(s.cuts, c)
}

// gone notes which values of a parameter have no cell left.
func (c *cut) gone(name string, value func(results.Cell) string, whole, left scenario.Plan) {
	kept := map[string]bool{"": true}
	for _, cell := range left.Cells {
		kept[value(cell)] = true
	}
	var values []string
	for _, cell := range whole.Cells {
		if v := value(cell); !kept[v] {
			kept[v] = true
			values = append(values, v)
		}
	}
	if len(values) > 0 {
		c.Gone = append(c.Gone, name+" "+strings.Join(values, ","))
	}
}

func (c cut) String() string {
	text := fmt.Sprintf("%s leaves out %d of %s", c.By, c.Cells, units.Plural(c.Of, "cell"))
	if c.Reps > 0 {
		text += fmt.Sprintf(", and %s of each other cell", units.Plural(c.Reps, "repetition"))
	}
	if len(c.Gone) > 0 {
		text += ": " + strings.Join(c.Gone, "; ")
	}
	return text
}

// wholePlan is the plan of a scenario that may be too large to run.
func wholePlan(s scenario.Scenario, known []strategies.Strategy) scenario.Plan {
	plan, err := scenario.NewPlan(s, known, 0)
	if err != nil {
		return scenario.Plan{}
	}
	return plan
}

// repeating returns a command line for a shell that repeats a trial. One that would take
// turns runs its slices with nobody in between.
func (s *session) repeating(spec trial.Spec) (string, error) {
	turns := 0
	if _, foreign := s.programs[spec.Cell.Strategy]; !foreign && trial.TakesTurns(spec.Cell) == nil {
		length := trial.SliceOf(spec.Cell)
		spec.Slices = &trial.Slicing{Version: trial.SlicesVersion, LengthNs: int64(length)}
		turns = 1 + trial.Turns(time.Duration(spec.Cell.DurationNs), length) // the first leads in
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return "", fmt.Errorf("writing the trial of %s: %w", spec.Cell, err)
	}
	var program []string
	if foreign, ok := s.programs[spec.Cell.Strategy]; ok {
		program = foreign.Command()
	} else {
		path, err := os.Executable()
		if err != nil {
			return "", fmt.Errorf("finding this program: %w", err)
		}
		program = []string{path, "trial"}
	}
	quoted := make([]string, len(program))
	for i, word := range program {
		quoted[i] = terminal.ShellQuoted(word)
	}
	into := " | " + strings.Join(quoted, " ")
	if turns > 0 {
		return fmt.Sprintf(`printf '%%s\n' %s $(yes '{"slice":true}' | head -n %d) '{"end":true}'%s`, terminal.ShellQuoted(string(text)), turns, into), nil
	}
	if spec.Cell.Load == 0 {
		return "printf '%s\\n' " + terminal.ShellQuoted(string(text)) + into, nil
	}
	// The rate is what the search finds times the load: the shell asks for it.
	open := strings.TrimSuffix(string(text), "}")
	return fmt.Sprintf(`printf '%%s,"rate_msgs_per_s":%%s}\n' %s "${RATE:?%v times the saturation rate that the search finds}"%s`,
		terminal.ShellQuoted(open), spec.Cell.Load, into), nil
}

// printDry prints it for people, so that a shell takes all but the commands for comments.
func (s *session) printDry(dry *dryRun, plan scenario.Plan) error {
	p := terminal.NewPage(s.stdout)
	line := func(format string, args ...any) { p.Text(terminal.Plain, "# "+fmt.Sprintf(format, args...)+"\n") }
	line("%s: %s", dry.Scenario, plan.Describe())
	line("takes about %s, one trial at a time", roughly(time.Duration(dry.ExpectedS*float64(time.Second))))
	line("memory: %s", dry.memory())
	if len(dry.LeftOut) > 0 {
		line("left out:")
		for _, text := range grouped(dry.LeftOut) {
			line("  %s", text)
		}
	}
	for _, c := range dry.Cuts {
		line("%s", c)
	}
	line("cells:")
	for _, cell := range dry.Cells {
		line("  %s: %s a trial%s", cell.Cell, time.Duration(cell.ExpectedS*float64(time.Second)).Round(10*time.Millisecond), cell.holds())
	}
	line("trials in their order, each with a command that repeats it:")
	for i, trial := range dry.Trials {
		line("%d of %d: %s, block %d", i+1, len(dry.Trials), trial.Cell, trial.Block)
		p.Text(terminal.Plain, trial.Command+"\n")
	}
	return p.Flush()
}

// grouped words what is left out, strategies of one reason together.
func grouped(all []scenario.Omission) []string {
	var whys []string
	names := make(map[string][]string)
	for _, o := range all {
		if names[o.Why] == nil {
			whys = append(whys, o.Why)
		}
		names[o.Why] = append(names[o.Why], o.Strategy)
	}
	for i, why := range whys {
		whys[i] = strings.Join(names[why], ", ") + ": " + why
	}
	return whys
}

// holds words what waits in a full fan-in.
func (c dryCell) holds() string {
	if c.HeldBytes == 0 {
		return ""
	}
	return ", holds " + units.Bytes(float64(c.HeldBytes)) + " of items when full"
}

// memory words what a trial may take.
func (d *dryRun) memory() string {
	most := dryCell{}
	for _, cell := range d.Cells {
		if cell.HeldBytes > most.HeldBytes {
			most = cell
		}
	}
	text := "a trial has no limit"
	if d.MemoryLimit > 0 {
		text = "a trial is abandoned at " + units.Bytes(float64(d.MemoryLimit))
	}
	if most.HeldBytes > 0 {
		text += fmt.Sprintf("; the largest bounded queue is that of %s: %s of items", most.Cell, units.Bytes(float64(most.HeldBytes)))
	}
	return text
}
