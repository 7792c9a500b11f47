package scenario

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
	"github.com/fanin-bench/fanin-bench/strategies"
)

func TestParseInts(t *testing.T) {
	for _, test := range []struct {
		text string
		want Ints // nil: an error
	}{
		{"1", Ints{1}},
		{"1,4, 16", Ints{1, 4, 16}},
		{"1..64", Ints{1, 2, 4, 8, 16, 32, 64}},
		{"3..20", Ints{3, 6, 12, 20}},
		{"5..5", Ints{5}},
		{"1..4,100", Ints{1, 2, 4, 100}},
		{"-3", Ints{-3}},
		{"1k..64Ki", Ints{1000, 2000, 4000, 8000, 16000, 32000, 64000, 65536}},
		{"1.5M,1e3", Ints{1_500_000, 1000}},
		{"1..5000000000000000000", nil},
		{"1e300", nil},
		{"1.0001k", nil},
		{"5000000000", nil},
		{"", nil},
		{"x", nil},
		{"1,,2", nil},
		{"4..1", nil},
		{"0..8", nil},
		{"1..", nil},
		{"..4", nil},
		{"1.5", nil},
		{"99999999999999999999", nil},
	} {
		got, err := ParseInts(test.text, units.Limit{Least: -3, Most: 1 << 30})
		if (err == nil) != (test.want != nil) || !slices.Equal(got, test.want) && err == nil {
			t.Errorf("ParseInts(%q) = %v, %v; want %v", test.text, got, err, test.want)
		}
	}
}

func TestBuiltInScenarios(t *testing.T) {
	all, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if _, err := NewPlan(s, strategies.All(), 1); err != nil || s.About == "" {
			t.Errorf("scenario %q: about %q, error %v", s.Name, s.About, err)
		}
		if again, err := Load(s.Name); err != nil || !reflect.DeepEqual(again, s) {
			t.Errorf("LoadScenario(%q) = %+v, %v", s.Name, again, err)
		}
	}
	for _, name := range []string{Default, Plain} {
		if s, err := Load(name); err != nil || s.Name != name {
			t.Errorf("LoadScenario(%q) = %+v, %v", name, s, err)
		}
	}
}

// The examples of the documentation are scenarios.
func TestScenarioExamples(t *testing.T) {
	text, err := os.ReadFile("../../docs/SCENARIOS.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := strings.Split(string(text), "```yaml\n")[1:]
	if len(examples) != 2 {
		t.Errorf("%d examples; want 2", len(examples))
	}
	for _, example := range examples {
		example, _, _ = strings.Cut(example, "```")
		s, err := Parse("example", []byte(example))
		if err == nil {
			_, err = NewPlan(s, strategies.All(), 1)
		}
		if err != nil {
			t.Errorf("%v in\n%s", err, example)
		}
	}
}

// Errors of a scenario file name the file, the line and what is wrong.
func TestScenarioErrors(t *testing.T) {
	for _, test := range []struct{ yaml, want string }{
		{"load:\n  producers: [1, x]\n", `line 2: producers: "x" is not a whole number`},
		{"load:\n  producers:\n  - 1\n  - x\n", `line 4: producers: "x" is not a whole number`},
		{"name: a\nload:\n  producer: 3\n", `line 3: unknown key of section "load" "producer" (did you mean "producers"? one of producers,`},
		{"name: a\nproducer: 3\n", `line 2: unknown key "producer" (did you mean "producers" of section "load"? one of name,`},
		{"load: {}\nqueues: {}\n", `line 2: unknown key "queues" (did you mean "queue"?`},
		{"load: {xyzzy: 1}\n", `line 1: unknown key of section "load" "xyzzy" (one of producers,`},
		{"queue: {recv-batch: 1}\n", `unknown key of section "queue" "recv-batch" (did you mean "recv-batch" of section "consumer"?`},
		{"name: a\nload:\n  rate: 1\n  rate: 2\n", `line 4: key "rate" was given before, in line 3`},
		{"load: {}\nname: a\nload: {}\n", `line 3: key "load" was given before, in line 1`},
		{"load: 3\n", "line 1: want producers, arrival,"},
		{"load:\nname: a\n", "line 1: want producers, arrival,"},
		{"- 1\n", "line 1: want name, about, load,"},
		{"name: a\nrun:\n  reps: many\n", `line 3: reps: "many" is not a whole number`},
		{"run: {reps: [1, 2]}\n", `line 1: reps: want one value, not several`},
		{"run: {messages: 1.5}\n", `line 1: messages: "1.5" is not a whole number`},
		{"load: {overload: big}\n", `line 1: overload: "big" is not a number`},
		{"load: {rate: [1k, 20x]}\n", `line 1: rate: "20x" is not a rate in messages per second, such as 5000, 200k or 1.5M`},
		{"queue: {probe: maybe}\n", `line 1: probe: "maybe" is not true or false`},
		{"name:\n", `line 1: name: "" is not text`},
		{"run: {memory-limit: lots}\n", `line 1: memory-limit: "lots" is not a size such as 512MiB`},
		{"run: {duration: }\n", `line 1: duration: "" is not a duration`},
		{"consumer:\n  batch-deadline: [0, 5]\n", "line 2: batch-deadline: \"5\" is not a duration"},
		{"queue:\n  capacity: 10/lane\n", "line 2: capacity: \"10/lane\" is not a capacity"},
		{"queue: {capacity: [10, x/total]}\n", "line 1: capacity: \"x\" is not a whole number"},
		{"run: {duration: soon}\n", "line 1: duration: \"soon\" is not a duration"},
		{"run: {duration: [1s, 2s]}\n", "line 1: duration: want one value"},
		{"name: [\n", "line 1"},
		{"load: {producers: {a: 1}}\n", "line 1: producers: want a value"},
		{"load: &a {producers: 1}\nitems: *a\n", "line 2: want payload"},
		{"name: a\n---\nname: b\n", "a second document"},
		{"variants: 3\n", "line 1: variants: want a list"},
		{"variants: []\n", "line 1: variants: want a list"},
		{"load: {producers: []}\n", "line 1: producers: the list is empty: leave it out for the default"},
		{"queue:\n  strategies: []\n", "line 2: strategies: the list is empty"},
		{"queue:\n  strategies:\n", "line 2: strategies: it is empty"},
		{"queue:\n  strategies: [chan, '']\n", "line 2: strategies: it is empty"},
		{"load: {rate: []}\n", "line 1: rate: the list is empty"},
		{"load: {load: ''}\n", "line 1: load: it is empty"},
		{"consumer: {stages: []}\n", "line 1: stages: the list is empty"},
		{"run: {expect: ''}\n", "line 1: expect: it is empty"},
		{"load: {producers: 1..5000000000000000000}\n", "line 1: producers: 5000000000000000000 is not in 1..1000000"},
		{"load: {producers: 99999999999999999999}\n", "line 1: producers: 99999999999999999999 is not in 1..1000000"},
		{"items: {payload: [8, 1GiB]}\n", "line 1: payload: 1GiB is not in 8 B..64 MiB"},
		{"queue: {capacity: 1..2000000000000/total}\n", "line 1: capacity: 2000000000000 is not in 0..1073741824"},
		{"load: {rate: 1k..1T}\n", "line 1: rate: 1T is not in 1..1G messages per second"},
		{"run: {reps: 1M}\n", "line 1: reps: 1M is not in 1..10000"},
		{"run: {duration: 2h}\n", "line 1: duration: 2h is not in 0..1h"},
		{"run: {timeout: 9999999h}\n", "line 1: timeout: 9999999h is not in 0..24h"},
		{"run: {memory-limit: 2PiB}\n", "line 1: memory-limit: 2PiB is not in 0..1.0 PiB"},
		{"consumer: {stall: 1s/9999h}\n", "line 1: stall: \"1s/9999h\" is not DURATION/PERIOD"},
		{"load: {overload: '1,2'}\n", "line 1: overload: want one value, not several"},
		{"variants:\n- name: b\n", `line 2: variants: a variant has sections only, not "name"`},
		{"variants:\n- variants: [{}]\n", `line 2: variants: a variant has sections only, not "variants"`},
		{"variants:\n- run: {timeout: 3s}\n", `line 2: variants: "timeout" is the same for all of a run`},
		{"variants:\n- load: {producer: 3}\n", `line 2: unknown key of section "load" "producer"`},
		{"", "the file is empty"},
	} {
		_, err := Parse("mine.yaml", []byte(test.yaml))
		if err == nil || !strings.HasPrefix(err.Error(), "mine.yaml: ") || !strings.Contains(err.Error(), test.want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v; want one line with the file and %q", test.yaml, err, test.want)
		}
	}
	if _, err := Load("swep"); err == nil || !strings.Contains(err.Error(), `did you mean "sweep"`) {
		t.Errorf("error %v; want a suggestion", err)
	}
	big := filepath.Join(t.TempDir(), "big.yaml")
	if err := os.WriteFile(big, make([]byte, maxScenarioBytes+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(big); err == nil || !strings.Contains(err.Error(), "big.yaml") {
		t.Errorf("error %v; want one that names the file", err)
	}
	if _, err := Load("/dev/zero"); err == nil || !strings.Contains(err.Error(), "/dev/zero") { // elsewhere there is no such file
		t.Errorf("error %v; want one that names the device that never ends", err)
	}
}

// Whatever is in a file, it is a scenario or one line of an error; and a scenario
// is a plan or an error that names a key. Its seeds are in testdata.
func FuzzScenario(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse("f", data)
		if err != nil {
			if text := err.Error(); !strings.HasPrefix(text, "f: ") || strings.Contains(text, "\n") {
				t.Errorf("%q: error %q", data, text)
			}
			return
		}
		if len(s.Variants) > 10 { // each is multiplied out
			return
		}
		plan, err := NewPlan(s, strategies.All(), 1)
		if err == nil && len(plan.Cells) == 0 {
			t.Errorf("a plan without cells from %q", data)
		}
		var field *results.FieldError
		if err != nil && !errors.As(err, &field) {
			t.Errorf("error %v names no field", err)
		}
		if len(plan.Cells) < 1000 {
			if _, err := quickened(s); err != nil && plan.Cells != nil {
				t.Errorf("a plan that cannot be quick: %v", err)
			}
		}
	})
}

// put sets a parameter to some values, those of several parts each as a list.
func (s *Scenario) put(name string, values ...any) *Scenario {
	p, known := ParameterOf(name)
	if !known {
		panic(name)
	}
	var cells []results.Cell
	for _, v := range values {
		parts, several := v.([]any)
		if !several {
			parts = []any{v}
		}
		cells = append(cells, p.Made(parts...))
	}
	s.Values.Put(name, cells)
	return s
}

// of sets the strategies.
func (s *Scenario) of(names ...string) *Scenario {
	s.Strategies = names
	return s
}

// many is a list as long as may be.
func many(value any) []any { return slices.Repeat([]any{value}, 9999) }

// wordsOf returns values of a parameter that takes words.
func wordsOf(list []string) (values []any) {
	for _, word := range list {
		values = append(values, word)
	}
	return values
}

func scenario(change func(*Scenario)) Scenario {
	s := Scenario{Name: "test", RunSection: RunSection{Messages: 100}}
	change(&s)
	return s.WithDefaults()
}

// Parameters that do not concern a strategy make no extra cells.
func TestPlanLeavesOutWhatDoesNotMatter(t *testing.T) {
	plan, err := NewPlan(scenario(func(s *Scenario) {
		s.Strategies = []string{"lanes?", "chan", "not-yet?"}
		s.put("producers", 1, 2).put("capacity", 10, 100, 0).put("lanes", 0, 4).put("policy", "block", "fail")
	}), strategies.All(), 1)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, c := range plan.contenders() {
		count[c.Strategy]++
		if c.Strategy == "lanes" && (c.Capacity != 0 || c.Policy != "") || c.Strategy == "chan" && (c.Lanes != 0 || c.Capacity == 0) {
			t.Errorf("cell %+v has parameters that do not concern it", c)
		}
	}
	if want := map[string]int{"chan": 2 * 3 * 2, "lanes": 2 * 2}; !reflect.DeepEqual(count, want) {
		t.Errorf("cells %v; want %v", count, want)
	}
	if plan.contenders()[0].Strategy != "chan" {
		t.Error("cells are not in registry order")
	}
}

func TestPlanErrors(t *testing.T) {
	for _, test := range []struct {
		field  string
		change func(*Scenario)
	}{
		{"strategies", func(s *Scenario) { s.Strategies = []string{"lnes"} }},
		{"strategies", func(s *Scenario) { s.Strategies = []string{"lnes?"} }},
		{"producers", func(s *Scenario) { s.put("producers", 0) }},
		{"producers", func(s *Scenario) { s.put("producers", -1) }},
		{"producers", func(s *Scenario) { s.put("producers", 1_000_000_000) }},
		{"payload", func(s *Scenario) { s.put("payload", 7) }},
		{"capacity", func(s *Scenario) { s.of("chan").put("capacity", -1) }},
		{"capacity", func(s *Scenario) {
			s.of("chan").put("capacity", []any{1 << 20, "producer"}).put("producers", 2000)
		}},
		{"policy", func(s *Scenario) { s.put("policy", "panic") }},
		{"policy", func(s *Scenario) { s.of("lanes").put("policy", "fail") }},
		{"lanes", func(s *Scenario) { s.put("lanes", -2) }},
		{"send-batch", func(s *Scenario) { s.put("send-batch", 0) }},
		{"recv-batch", func(s *Scenario) { s.put("recv-batch", 0) }},
		{"batch-deadline", func(s *Scenario) { s.put("batch-deadline", -time.Second) }},
		{"batch-deadline", func(s *Scenario) { s.put("batch-deadline", 2*MaxDuration) }},
		{"busy", func(s *Scenario) { s.put("busy", -1) }},
		{"busy", func(s *Scenario) { s.put("busy", 5000) }},
		{"busy-kind", func(s *Scenario) { s.put("busy", 1).put("busy-kind", "idle") }},
		{"gomaxprocs", func(s *Scenario) { s.put("gomaxprocs", -1) }},
		{"reps", func(s *Scenario) { s.Reps = -1 }},
		{"producers", func(s *Scenario) {
			s.put("producers", many(1)...).put("payload", many(8)...).put("recv-batch", many(1)...)
		}},
		{"payload", func(s *Scenario) { s.put("busy", many(0)...).put("payload", many(8)...) }},
		{"arrival", func(s *Scenario) { s.put("arrival", many("poisson")...).put("rate", many(1.0)...) }},
		{"messages", func(s *Scenario) { s.Messages = -5 }},
		{"timeout", func(s *Scenario) { s.Timeout = -1 }},
		{"duration", func(s *Scenario) { s.Duration, s.Messages = Duration(-time.Second), 0 }},
		{"duration", func(s *Scenario) { s.Duration = Duration(time.Second) }},
	} {
		_, err := NewPlan(scenario(test.change), strategies.All(), 1)
		var field *results.FieldError
		if !errors.As(err, &field) || field.Field != test.field {
			t.Errorf("error %v; want a results.FieldError of %s", err, test.field)
		}
	}
}

// Every block holds every cell once, in an order that the seed alone decides and
// that differs between blocks.
func TestSlots(t *testing.T) {
	s := scenario(func(s *Scenario) { s.Reps = 4 })
	plan, err := NewPlan(s, strategies.All(), 7)
	if err != nil {
		t.Fatal(err)
	}
	slots := plan.Slots()
	orders := map[int][]results.Cell{}
	for i, slot := range slots {
		if slot.Block != i/len(plan.Cells) || slot.Position != i%len(plan.Cells) {
			t.Fatalf("slot %d is at block %d, position %d", i, slot.Block, slot.Position)
		}
		orders[slot.Block] = append(orders[slot.Block], slot.Cell)
	}
	for block, order := range orders {
		for _, cell := range plan.Cells {
			if !slices.Contains(order, cell) {
				t.Errorf("block %d lacks %+v", block, cell)
			}
		}
		if block > 0 && slices.Equal(order, orders[0]) {
			t.Errorf("blocks 0 and %d have the same order", block)
		}
	}
	if !slices.Equal(slots, plan.Slots()) {
		t.Error("the same plan gave two orders")
	}
	plan.Seed++
	if slices.Equal(slots, plan.Slots()) {
		t.Error("another seed gave the same order")
	}
}

// quickened is a scenario as --quick alone makes it.
func quickened(s Scenario) (Scenario, error) {
	return s.Quick(strategies.All(), func(string) bool { return false })
}

func planned(t *testing.T, s Scenario) Plan {
	t.Helper()
	plan, err := NewPlan(s, strategies.All(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// contenders returns the cells of a plan without those of the floor, which comes along.
func (p Plan) contenders() []results.Cell {
	return slices.DeleteFunc(slices.Clone(p.Cells), func(c results.Cell) bool { return c.Strategy == "null" })
}

// The floor is measured under the conditions of each strategy that is named, too.
func TestPlanHasFloor(t *testing.T) {
	plan := planned(t, scenario(func(s *Scenario) {
		s.of("chan").put("producers", 1, 2).put("recv-batch", 1, 256).put("payload", 8, 1024)
	}))
	contenders := plan.contenders()
	if len(plan.Cells) != 2*len(contenders) || len(contenders) != 8 {
		t.Fatalf("%d cells, %d without the floor", len(plan.Cells), len(contenders))
	}
	floors := map[results.Cell]bool{}
	for _, c := range plan.Cells {
		floors[c.Shared()] = floors[c.Shared()] || c.Strategy == "null"
	}
	for _, c := range contenders {
		if !floors[c.Shared()] {
			t.Errorf("%v has no floor", c)
		}
	}
}

// A quick run's trials fit its time, however many cells there are.
func TestQuick(t *testing.T) {
	for _, producers := range [][]any{{1}, {1, 4, 16, 64}, {1, 2, 3, 4, 5, 6}} {
		s := scenario(func(s *Scenario) { s.Messages, s.Duration = 0, Duration(time.Hour); s.put("producers", producers...) })
		quick, err := quickened(s)
		if err != nil {
			t.Fatal(err)
		}
		plan := planned(t, quick)
		if took := plan.Expected(); took > quickBudget {
			t.Errorf("%d cells x %d of %v would take %v", len(plan.Cells), plan.Reps, time.Duration(quick.Duration), took)
		}
	}
	s := scenario(func(s *Scenario) {
		s.of("chan").put("producers", 1, 2, 3, 4, 5, 6, 7).put("consumer-cost", 50*time.Millisecond)
		s.Messages = 50
	})
	quick, err := quickened(s)
	want := (&Scenario{}).put("producers", 1, 3, 5, 7).Values["producers"]
	if err != nil || !slices.Equal(quick.Values["producers"], want) || quick.Reps != 1 || quick.Messages >= 50 {
		t.Errorf("quick: %+v, %v; want producers %v, once, of fewer messages", quick, err, want)
	}
}

// What is built in is over, and drawn, within 25 s of --quick: its trials take no
// longer than leaves time for that, by the estimate that list prints.
func TestQuickBuiltIn(t *testing.T) {
	all, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		quick, err := quickened(s)
		if err != nil {
			continue // of strategies that are not known here
		}
		plan := planned(t, quick)
		if took := plan.Expected(); took > 20*time.Second {
			t.Errorf("%s: %d cells x %d would take %v", s.Name, len(plan.Cells), plan.Reps, took)
		}
	}
}

// Variants replace what they name and share the rest; a flag is stronger than both.
func TestVariants(t *testing.T) {
	s, err := Parse("f", []byte(`
name: a
variants:
- queue: {strategies: chan, capacity: 128}
  consumer: {recv-batch: 10}
- queue: {strategies: lanes}
  run: {messages: 500}
- queue: {strategies: lanes}
  run: {messages: 500}
load: {producers: [1, 2]}
run: {duration: 1s}
`))
	if err != nil {
		t.Fatal(err)
	}
	plan := planned(t, s)
	type brief struct {
		strategy                   string
		producers, capacity, batch int
		duration, messages         int64
	}
	var got []brief
	for _, c := range plan.contenders() {
		got = append(got, brief{c.Strategy, c.Producers, c.Capacity, c.RecvBatch, c.DurationNs, c.Messages})
	}
	want := []brief{
		{"chan", 1, 128, 10, 1e9, 0},
		{"chan", 2, 128, 10, 1e9, 0},
		{"lanes", 1, 0, 256, 0, 500},
		{"lanes", 2, 0, 256, 0, 500},
	}
	if !slices.Equal(got, want) {
		t.Errorf("cells %v; want %v", got, want)
	}
	over := s
	over.Override(*(&Scenario{RunSection: RunSection{Duration: 5}}).put("producers", 3),
		func(key string) bool { return key == "duration" || key == "producers" })
	if plan, err = NewPlan(over, strategies.All(), 1); err != nil || len(plan.contenders()) != 2 {
		t.Fatalf("cells %v, %v; want two", plan.contenders(), err)
	}
	for _, c := range plan.Cells {
		if c.Producers != 3 || c.DurationNs != 5 || c.Messages != 0 {
			t.Errorf("cell %+v; want 3 producers and 5 ns", c)
		}
	}
	if again, _ := NewPlan(s, strategies.All(), 1); len(again.contenders()) != len(want) {
		t.Error("overriding a copy changed the scenario")
	}
}
