package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// theirs is what a program may say of itself.
func theirs() results.Strategy {
	return results.Strategy{
		Name: "their-queue", Doc: "a queue in another language", Order: "global", Bound: "bounded in total",
		Policies: []string{"block", "drop-newest"}, Wait: "parks", Source: "https://example.org/queue",
		Batch: true, Lanes: true, Module: "example.org/queue@1.2.3", Lacks: map[string]string{"shrink": "it keeps all"},
	}
}

func descriptionOf(t testing.TB, all ...results.Strategy) []byte {
	t.Helper()
	data, err := json.Marshal(description{results.SchemaVersion, all, 0})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// What a program describes is what its strategies are known by.
func TestAskProgram(t *testing.T) {
	path := childCommand(t, "describe")[0]
	program, err := AskProgram(t.Context(), path, strategies.All())
	if err != nil {
		t.Fatal(err)
	}
	want := strategies.Descriptor{
		Name: "their-queue", Doc: "a queue in another language", Order: strategies.OrderGlobal, Bound: strategies.Total,
		Policies: []strategies.Policy{strategies.DropNewest}, Wait: "parks", Source: "https://example.org/queue",
		Batch: true, Lanes: true, Module: "example.org/queue@1.2.3",
		Lacks: map[strategies.Promise]string{strategies.PromiseShrink: "it keeps all"},
	}
	if len(program.Strategies) != 1 || !reflect.DeepEqual(program.Strategies[0].Descriptor, want) {
		t.Errorf("strategies %+v; want %+v", program.Strategies, want)
	}
	if got := program.Command(); len(got) != 2 || got[0] != path || got[1] != "trial" {
		t.Errorf("command %q; want that of %q", got, path)
	}
}

// A program that does not answer as it should is an error that says who did what.
func TestAskProgramErrors(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for way, want := range map[string]string{
		"hang":    "no answer within",
		"silent":  "reading its answer: it is empty",
		"babble":  "reading its answer: invalid character",
		"flood":   "it wrote more than 1048576 bytes",
		"exit":    `exit status 3: "cannot go on"`,
		"suicide": "signal: killed",
		"future":  "schema 99 is not 1",
	} {
		t.Run(way, func(t *testing.T) {
			t.Setenv(childVariable, way)
			patience := describeTimeout
			if way == "hang" {
				patience = 300 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			_, err := AskProgram(ctx, self, strategies.All())
			checkOneLine(t, err, fmt.Sprintf("asking %q to describe its strategies: ", self), want)
		})
	}
	_, err = AskProgram(t.Context(), "no-such-program", strategies.All())
	checkOneLine(t, err, `asking "no-such-program"`, "no such file")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = AskProgram(ctx, self, strategies.All())
	checkOneLine(t, err, "asking", "canceled")
}

func checkOneLine(t *testing.T, err error, want ...string) {
	t.Helper()
	for _, part := range want {
		if err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v; want one line with %q", err, part)
		}
	}
}

// What a program says is not believed.
func TestDescriptions(t *testing.T) {
	for want, change := range map[string]func(*results.Strategy){
		`strategy "chan": that name is taken`:           func(s *results.Strategy) { s.Name = "chan" },
		`strategy "peers": that is the name of a group`: func(s *results.Strategy) { s.Name = "peers" },
		`strategy "": a name is`:                        func(s *results.Strategy) { s.Name = "" },
		`strategy "<b>": a name is`:                     func(s *results.Strategy) { s.Name = "<b>" },
		`strategy "a,b": a name is`:                     func(s *results.Strategy) { s.Name = "a,b" },
		`strategy "chan?": a name is`:                   func(s *results.Strategy) { s.Name = "chan?" },
		"40 at most":                                    func(s *results.Strategy) { s.Name = strings.Repeat("x", 41) },
		"doc: it is missing":                            func(s *results.Strategy) { s.Doc = "" },
		`doc: "a\x1b[31mb" may hold`:                    func(s *results.Strategy) { s.Doc = "a\x1b[31mb" },
		`doc: "a\nb" may hold`:                          func(s *results.Strategy) { s.Doc = "a\nb" },
		`wait: "a | b" may hold`:                        func(s *results.Strategy) { s.Wait = "a | b" },
		"source: 201 bytes are more than 200":           func(s *results.Strategy) { s.Source = strings.Repeat("x", 201) },
		"module: 201 bytes":                             func(s *results.Strategy) { s.Module = strings.Repeat("x", 201) },
		`unknown order "any" (one of per producer, glo`: func(s *results.Strategy) { s.Order = "any" },
		`unknown bound "none" (one of unbounded, bound`: func(s *results.Strategy) { s.Bound = "none" },
		`policies: unknown policy "wait" (one of block`: func(s *results.Strategy) { s.Policies = []string{"wait"} },
		`policies: "block" is listed twice`:             func(s *results.Strategy) { s.Policies = []string{"block", "block"} },
		"policies: a bounded strategy needs":            func(s *results.Strategy) { s.Policies = nil },
		"policies: an unbounded strategy is never full": func(s *results.Strategy) { s.Bound = "unbounded" },
		`unbuildable: "a | b" may hold`:                 func(s *results.Strategy) { s.Unbuildable = "a | b" },
		`lacks: there is no promise "haste"`:            func(s *results.Strategy) { s.Lacks = map[string]string{"haste": "x"} },
		"lacks: bound: it is missing":                   func(s *results.Strategy) { s.Lacks = map[string]string{"bound": ""} },
	} {
		s := theirs()
		change(&s)
		_, err := parseDescription(descriptionOf(t, s), strategies.All(), "their-program")
		checkOneLine(t, err, want)
	}
	_, err := parseDescription(descriptionOf(t), nil, "")
	checkOneLine(t, err, "it has 0 strategies, not 1..64")
	_, err = parseDescription(descriptionOf(t, theirs(), theirs()), nil, "")
	checkOneLine(t, err, "that name is taken")

	floor, second := theirs(), theirs()
	floor.Floor, second.Floor, second.Name = true, true, "second"
	_, err = parseDescription(descriptionOf(t, floor, second), nil, "")
	checkOneLine(t, err, `strategy "second": it is a second floor`)
	if all, err := parseDescription(descriptionOf(t, floor), nil, ""); err != nil || !all[0].Floor {
		t.Errorf("a program's floor: %+v, %v", all, err)
	}

	missing := theirs()
	missing.Unbuildable = "their-server is not on PATH"
	all, err := parseDescription(descriptionOf(t, missing), nil, "")
	if err != nil {
		t.Fatal(err)
	}
	s := scenario.Scenario{}.WithDefaults()
	s.Strategies = scenario.Strings{"their-queue?"}
	left := s.Omissions(all, nil)
	if len(left) != 1 || left[0].Why != "it cannot be built: their-server is not on PATH" {
		t.Errorf("left out: %+v; want their-queue, for its server", left)
	}

	lossy := theirs()
	lossy.Policies, lossy.Module = []string{"drop-oldest"}, ""
	all, err = parseDescription(descriptionOf(t, lossy), nil, "their-program")
	if err != nil || !all[0].Lossy || all[0].DefaultPolicy() != strategies.DropOldest || all[0].Module != "their-program" {
		t.Errorf("strategies %+v, error %v; want a lossy one of their-program", all, err)
	}
}

// Whatever a program answers, it is strategies that can be planned with, or one
// line of an error.
func FuzzDescription(f *testing.F) {
	f.Add(descriptionOf(f, theirs()))
	f.Add(descriptionOf(f, theirs(), theirs()))
	f.Add([]byte(`{"schema":1,"strategies":[{"name":"chan","lacks":{"a":"b"}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := parseDescription(data, strategies.All(), "their-program")
		if err != nil {
			if strings.Contains(err.Error(), "\n") || len(err.Error()) > 1000 {
				t.Errorf("%q: error %q", data, err)
			}
			return
		}
		s := scenario.Scenario{}.WithDefaults()
		s.Strategies = scenario.Strings{"peers"}
		if _, err := scenario.NewPlan(s, all, 1); err != nil {
			t.Errorf("%q: no plan: %v", data, err)
		}
	})
}

// The trials of a program's strategies are executed by that program, those of the
// others by this one.
func TestRunnerPrograms(t *testing.T) {
	program := childProgram(t, "serve")
	var all []results.Trial
	r := Runner{
		Command: []string{filepath.Join(t.TempDir(), "nobody")}, Programs: map[string]Program{"chan": program}, Isolation: IsolationNone,
		Known: []strategies.Strategy{{Descriptor: strategies.Descriptor{Name: "chan"}}}, // whose constructor is nil
		Done:  func(trial results.Trial) error { all = append(all, trial); return nil },
	}
	if err := r.Run(t.Context(), []scenario.Slot{{Cell: specOf("chan").Cell}}); err != nil {
		t.Fatal(err)
	}
	r.Isolation = IsolationProcess
	if err := r.Run(t.Context(), []scenario.Slot{{Cell: specOf("lanes").Cell}}); err != nil {
		t.Fatal(err)
	}
	if all[0].Measurement == nil || all[1].Failure == nil {
		t.Errorf("trials %+v; want the first executed by its program, the second by nobody", all)
	}
}
