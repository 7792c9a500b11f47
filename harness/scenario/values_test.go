package scenario

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Whatever text a list is read from, it is of at most so many values, all of them within
// the limit, or an error in a line.
func FuzzLists(f *testing.F) {
	for _, seed := range []string{
		"", ",", "1", "1..64", "1..5000000000000000000", "99999999999999999999", "1k..64Ki", "8,64KiB", "1.5M/s", "10k/s", "-1", "1e300",
		"0..0", "1024/producer", "1..1Gi/total", "1h,99999999h", "1ms/1k", "50ms/500ms", "0x10", "nan", strings.Repeat("1..1M,", 600) + "1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		check := func(kind string, length int, inside bool, err error) {
			if err != nil && strings.Contains(err.Error(), "strconv") || err == nil && (length == 0 || length > maxListed || !inside) {
				t.Errorf("%s from %q: %d values, inside %v, error %v", kind, text, length, inside, err)
			}
		}
		outside := func(key string) func(int) bool {
			return func(n int) bool { return LimitOf(key).Check(int64(n)) != nil }
		}
		ints, err := ParseInts(text, LimitOf("producers"))
		check("ints", len(ints), !slices.ContainsFunc(ints, outside("producers")), err)
		sizes, err := ParseSizes(text, LimitOf("payload"))
		check("sizes", len(sizes), !slices.ContainsFunc(sizes, outside("payload")), err)
		capacity, _ := ParameterOf("capacity")
		capacities, err := ParseValues(capacity, text)
		check("capacities", len(capacities), !slices.ContainsFunc(capacities, func(c results.Cell) bool { return outside("capacity")(c.Capacity) }), err)
		rates, err := ParseRates(text)
		check("rates", len(rates), !slices.ContainsFunc(rates, func(r float64) bool { return !(r >= units.LeastRate && r <= units.MostRate) }), err)
		times, err := ParseDurations(text, LimitOf("stages"))
		check("times", len(times), !slices.ContainsFunc(times, func(d time.Duration) bool { return d < 0 || d > MaxDuration }), err)
		size, err := ParseSize(text)
		check("a size", 1, size >= 0 && size <= 1<<50, err)
		count, err := units.ParseCount(text, LimitOf("messages"))
		check("a count", 1, count >= 0 && count <= strategies.MaxSeq, err)
		pause, _ := ParameterOf("pause")
		pauses, err := ParseValues(pause, text)
		check("a pause", len(pauses), !slices.ContainsFunc(pauses, func(c results.Cell) bool {
			return c.PauseNs <= 0 || c.PauseNs > int64(MaxDuration) || c.PauseEvery <= 0
		}), err)
	})
}

// An empty list is an error but where it means none.
func TestExpectNothing(t *testing.T) {
	s, err := Parse("mine", []byte("run: {expect: []}\n"))
	if err != nil || len(s.Expect) != 0 {
		t.Errorf("expect %v, error %v", s.Expect, err)
	}
}

// The estimate of a plan stays a time, however long the plan takes.
func TestExpectedOfAges(t *testing.T) {
	plan, err := NewPlan(scenario(func(s *Scenario) {
		s.put("producers", 1000)
		s.put("consumer-cost", MaxDuration)
		s.Messages, s.Reps = strategies.MaxSeq, MaxReps
	}), strategies.All(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if takes := plan.Expected(); takes < trial.MaxTimeout {
		t.Errorf("it takes %v", takes)
	}
}

func TestParsePause(t *testing.T) {
	pause, _ := ParameterOf("pause")
	want := []results.Cell{{PauseNs: int64(time.Millisecond), PauseEvery: 1000}}
	if got, err := ParseValues(pause, "1ms/1000"); err != nil || !slices.Equal(got, want) {
		t.Errorf("1ms/1000 is %v, error %v", got, err)
	}
	for _, text := range []string{"", "1ms", "/", "1ms/", "1ms/0", "0s/5", "1/5", "1ms/5ms", "-1ms/5"} {
		if _, err := ParseValues(pause, text); err == nil || !strings.Contains(err.Error(), "DURATION/COUNT") {
			t.Errorf("%q: error %v; want one with the form", text, err)
		}
	}
}

// What a scenario expects is of the failures that may be, each once, and of the run
// as a whole.
func TestExpect(t *testing.T) {
	s, err := Parse("f", []byte("name: a\nqueue: {strategies: chan}\nrun: {expect: [killed, memory, killed]}"))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := NewPlan(s, strategies.All(), 1)
	if want := []results.FailureKind{results.FailureMemory, results.FailureKilled}; err != nil || !slices.Equal(plan.Expect, want) {
		t.Errorf("expects %q, %v; want %q", plan.Expect, err, want)
	}
	s.Expect = Strings{"panic"}
	if _, err := NewPlan(s, strategies.All(), 1); err == nil || !strings.HasPrefix(err.Error(), "expect: unknown failure") {
		t.Errorf("error %v", err)
	}
	_, err = Parse("f", []byte("name: a\nvariants:\n- run: {expect: memory}"))
	if err == nil || !strings.Contains(err.Error(), `line 3: variants: "expect" is the same for all of a run`) {
		t.Errorf("error %v", err)
	}
}
