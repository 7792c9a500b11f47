package schedule_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/schedule"
)

// A random schedule is what its text says.
func TestParseString(t *testing.T) {
	for seed := range uint64(200) {
		s := schedule.Random(strategies.Descriptor{Name: "two words", Bound: strategies.Total, Lanes: true, Policies: strategies.Policies()}, seed, seed%2 == 0)
		if seed%3 == 0 {
			s.Broken = schedule.Failure{Promise: strategies.PromiseOrder, Detail: "c Recv 3 returned 0, EOF: early"}
		}
		again, err := schedule.Parse("text", strings.NewReader("# a comment\n\n"+s.String()))
		if err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%v: %+v\nfrom %+v", err, again, s)
		}
	}
}

// Errors name the file, the line, and the choices.
func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                `f: no line "strategy NAME"`,
		"p0 Open":                         `f: no line "strategy NAME"`,
		"strategy":                        `f:1: "strategy" has no value`,
		"strategy a\ncapacity 0":          `f:2: capacity: "0" is not a whole number from 1 to 65536`,
		"strategy a\ncapacity 1e3":        `f:2: capacity: "1e3" is not`,
		"capacity 99999999999999999999":   `f:1: capacity: "99999999999999999999" is not`,
		"lanes 1025":                      `f:1: lanes: "1025" is not a whole number from 1 to 1024`,
		"policy drop":                     `f:1: policy: unknown policy "drop" (one of block, fail, drop-newest, drop-oldest)`,
		"mode both":                       `f:1: mode: "both" is unknown (one of sequential, concurrent)`,
		"seed -1":                         `f:1: seed: "-1" is not a whole number`,
		"seed 1 2":                        `f:1: "seed" has more than one value`,
		"breaks everything":               `f:1: breaks: unknown promise "everything" (one of [exactly-once`,
		"speed 9":                         `f:1: "speed" is unknown (strategy, capacity,`,
		"\n\np64 Open":                    `f:3: producer: "64" is not a whole number from 0 to 63`,
		"p0":                              `f:1: p0 does nothing (one of Send, SendBatch,`,
		"p0 Sned":                         `f:1: p0 cannot "Sned" (one of Send, SendBatch,`,
		"p0 Recv 1":                       `f:1: p0 cannot "Recv" (one of Send,`,
		"c Send":                          `f:1: c cannot "Send" (one of Recv, RecvContext, TryRecv, Close, Cancel)`,
		"c Recv":                          `f:1: Recv takes one number`,
		"c Recv 1001":                     `f:1: Recv: "1001" is not a whole number from 0 to 1000`,
		"p0 Send 2":                       `f:1: Send takes no number`,
		strings.Repeat("p0 Open\n", 2001): `f:2001: more than 2000 operations`,
		strings.Repeat("#", 1<<21):        `f:1: bufio.Scanner: token too long`,
		strings.Repeat("# #\n", 1<<20):    `f: longer than 1048576 bytes`,
	} {
		if _, err := schedule.Parse("f", strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.40q: error %v; want %s", text, err, want)
		}
	}
}

func TestSuits(t *testing.T) {
	for _, test := range []struct {
		options strategies.Options
		d       strategies.Descriptor
		want    string
	}{
		{strategies.Options{}, strategies.Descriptor{Name: "a", Bound: strategies.Total}, ""},
		{strategies.Options{Policy: strategies.Fail}, strategies.Descriptor{Name: "a"}, "does not offer policy"},
		{strategies.Options{}, strategies.Descriptor{Name: "a", Floor: true}, "loses items by design"},
		{
			strategies.Options{},
			strategies.Descriptor{Name: "a", Lacks: map[strategies.Promise]string{strategies.PromiseBound: "rounds up"}},
			"needs promise bound, which it lacks: rounds up",
		},
		{
			strategies.Options{Policy: strategies.DropOldest},
			strategies.Descriptor{Name: "a", Bound: strategies.Total, Policies: strategies.Policies()},
			"no schedule can tell which item it drops",
		},
	} {
		err := schedule.Schedule{Options: test.options}.Suits(test.d)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v; want %q", test, err, test.want)
		}
	}
}

// Whatever parses is written as it was read, and runs to an end.
func FuzzParse(f *testing.F) {
	f.Add("strategy mutex-cond\ncapacity 1\npolicy drop-oldest\np0 Open\np0 SendBatch 3\nc Recv 2\nc Close\n")
	f.Add("strategy mutex-cond\nmode concurrent\nbreaks order: x\np0 Cancel\np0 SendContext\nc RecvContext 0\n")
	f.Add("strategy mutex-cond\nlanes 3\nseed 18446744073709551615 # most\np1 TrySend\np1 Close\np1 Open\n")
	all := strategies.All()
	f.Fuzz(func(t *testing.T, text string) {
		s, err := schedule.Parse("fuzz", strings.NewReader(text))
		if err != nil {
			return
		}
		again, err := schedule.Parse("fuzz", strings.NewReader(s.String()))
		if err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%v: %+v\nfrom %+v", err, again, s)
		}
		for _, strategy := range all {
			if strategy.Name != s.Strategy || len(s.Ops) > 50 || s.Suits(strategy.Descriptor) != nil {
				continue
			}
			if _, failure := s.Run(t.Context(), strategy, schedule.Limits{Time: time.Nanosecond}); failure != nil {
				t.Errorf("%+v in\n%s", failure, s)
			}
		}
	})
}
