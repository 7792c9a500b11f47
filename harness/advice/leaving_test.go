package advice

import (
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// beyond is a strategy of another program.
func beyond(name, delivery string, survives ...string) strategies.Strategy {
	return strategies.Strategy{Descriptor: strategies.Descriptor{
		Name: name, Doc: "a fan-in between processes", Order: strategies.OrderPerProducer, Bound: strategies.Unbounded, Wait: "parks",
		Module: "example.org/beyond@1.0.0", Processes: true, Delivery: delivery, Survives: survives,
	}}
}

// Producers in other processes rule out what stays in one, and what does not keep what is
// asked for; a channel is measured beside the rest, and is no choice.
func TestLeaving(t *testing.T) {
	t.Parallel()
	known := append(strategies.All(),
		beyond("socket", results.DeliveryAtMostOnce),
		beyond("memory", results.DeliveryAtLeastOnce, results.RoleProducer, results.RoleConsumer),
		beyond("server", results.DeliveryConfirmed, results.Roles()...))
	for _, c := range []struct {
		delivery string
		survives []string
		fit      string
		out      map[string]string
	}{
		{"", nil, "socket memory server", map[string]string{"lanes": "has its producers in the process of the consumer"}},
		{"at-least-once", nil, "memory server", map[string]string{"socket": `delivers no more than "at most once"`}},
		{"confirmed", nil, "server", map[string]string{"memory": `delivers no more than "at least once"`}},
		{"", []string{results.RoleProducer}, "memory server", map[string]string{"socket": "is not known to keep confirmed messages when the producer ends suddenly"}},
		{"", []string{results.RoleProducer, results.RoleBroker}, "server", map[string]string{
			"memory": "is not known to keep confirmed messages when the broker ends suddenly",
		}},
	} {
		n := lossless()
		n.Rate, n.Processes, n.Delivery, n.Survives = 1e4, 4, c.delivery, c.survives
		n.Strategies = scenario.Strings{"socket", "memory", "server", "chan", "lanes"}
		q, err := Ask(n, known)
		if err != nil {
			t.Fatal(err)
		}
		m, err := q.Measurement(80e9, 1)
		if err != nil {
			t.Fatal(err)
		}
		var choices []string
		for _, cell := range q.choices(harness.DescribeIn(m.Plan.Cells, known), m.Plan.Cells) {
			choices = append(choices, cell.Strategy)
			if cell.Processes != 4 {
				t.Errorf("%s is a choice", cell)
			}
		}
		if got := strings.Join(choices, " "); got != c.fit {
			t.Errorf("delivery %q, survives %q: the choices are %s; want %s", c.delivery, c.survives, got, c.fit)
		}
		if !slices.ContainsFunc(m.Plan.Cells, func(x results.Cell) bool { return x.Strategy == "chan" && x.Processes == 0 }) {
			t.Error("chan is not measured beside them")
		}
		for name, why := range c.out {
			if !slices.Contains(m.Excluded, Exclusion{name, why}) {
				t.Errorf("%s is not ruled out because it %s: %v", name, why, m.Excluded)
			}
		}
	}
	for field, change := range map[string]func(*Needs){
		"delivery": func(n *Needs) { n.Delivery = "maybe" },
		"survives": func(n *Needs) { n.Survives = scenario.Strings{"nobody"} },
	} {
		n := lossless()
		change(&n)
		if _, err := Ask(n, known); err == nil || !strings.Contains(err.Error(), field+": unknown ") {
			t.Errorf("%s: error %v", field, err)
		}
	}
}

// The answer says what leaving the process costs.
func TestLeavingCosts(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Producers: []int{4}, Samples: -1, Reps: 8, Strategies: 3})
	leave := func(c *results.Cell) {
		if c.Strategy == "chan-unbounded" {
			c.Processes = 4
		}
	}
	for i := range run.Manifest.Cells {
		leave(&run.Manifest.Cells[i])
	}
	for i := range run.Trials {
		leave(&run.Trials[i].Cell)
	}
	answer, text := answerFrom(t, run, func(n *Needs) { n.Producers, n.Processes = 4, 4 }, "producers", "processes")
	if answer.Pick != "chan-unbounded" || len(answer.Candidates) != 1 || answer.Workload.Processes != 4 {
		t.Errorf("pick %q of %d, %s", answer.Pick, len(answer.Candidates), text)
	}
	for _, want := range []string{
		"workload: 4 producers, in 4 processes, ", "leaving the process costs: the time per item of chan-unbounded is ", " times that of chan within one process",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	answer, _ = answerFrom(t, run, func(n *Needs) { n.Producers, n.Processes = 4, 16 }, "producers", "processes")
	if !slices.Contains(answer.Excluded, Exclusion{"chan-unbounded", "has --processes 4"}) {
		t.Errorf("ruled out: %v", answer.Excluded)
	}
}
