package scenario

import (
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Mixes of sizes stand among sizes; a bound in bytes concerns the strategies that have one,
// where there is a payload.
func TestPlanMixedSizes(t *testing.T) {
	s := scenario(func(s *Scenario) {
		s.of("chan", "mutex-cond").put("producers", 4)
		for name, text := range map[string]string{"payload": "8,bimodal:64/1MiB/0.1,1KiB", "capacity-bytes": "0,2MiB"} {
			if err := s.Values.Set(name, text); err != nil {
				t.Fatal(err)
			}
		}
	})
	plan, err := NewPlan(s, strategies.All(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	shown := slices.DeleteFunc(Parameters(), func(p results.Parameter) bool { return p.Name != "payload" && p.Name != "capacity-bytes" })
	for _, c := range plan.Cells {
		if c.Strategy == "null" { // the floor of both
			continue
		}
		got = append(got, c.Strategy+" "+c.Label(shown, " "))
	}
	want := []string{
		"chan payload=8", "chan payload=bimodal:64-1MiB-0.1", "chan payload=1024",
		"mutex-cond payload=8", "mutex-cond payload=bimodal:64-1MiB-0.1", "mutex-cond payload=bimodal:64-1MiB-0.1 capacity-bytes=2MiB",
		"mutex-cond payload=1024", "mutex-cond payload=1024 capacity-bytes=2MiB",
	}
	if !slices.Equal(got, want) {
		t.Errorf("cells:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	why := Omission{"chan", "capacity-bytes: it has no bound in bytes"}
	if left := s.Omissions(strategies.All(), plan.Cells); !slices.Contains(left, why) {
		t.Errorf("left out: %q; want %q", left, why)
	}
}

// What a mix cannot be, or cannot go with, is refused by the name of the flag.
func TestCheckMix(t *testing.T) {
	for want, change := range map[string]func(*results.Cell){
		"payload: \"gauss:1/2\" is not a mix of sizes: want lognormal:": func(c *results.Cell) { c.PayloadMix = "gauss:1/2" },
		"payload: bimodal:64/1MiB/0.1 has a mean of 105017 bytes, not ": func(c *results.Cell) { c.Payload = 64 },
		"payload: bimodal:1/15/0.5 has a mean of 8 bytes; want more t":  func(c *results.Cell) { c.PayloadMix, c.Payload = "bimodal:1/15/0.5", 8 },
		"item: an item holds payloads of one size, not bimodal:64/1MiB": func(c *results.Cell) { c.Item = results.ItemValue },
		"sink: a sink takes payloads of one size, not bimodal:64/1MiB/": func(c *results.Cell) { c.Sink = "tcp" },
		"stages: a pipeline takes payloads of one size, not bimodal:64": func(c *results.Cell) { c.Stages = results.NewStages(1, 2) },
		"capacity-bytes: -1 is not in 0..":                              func(c *results.Cell) { c.CapacityBytes = -1 },
	} {
		c := results.Cell{
			Strategy: "mutex-cond", Producers: 1, Arrival: results.ArrivalClosed, Payload: 105017, PayloadMix: "bimodal:64/1MiB/0.1",
			Capacity: 1024, SendBatch: 1, RecvBatch: 1, Messages: 1, GOMAXPROCS: 1,
		}
		if err := CheckCell(c); err != nil {
			t.Fatal(err)
		}
		change(&c)
		if err := CheckCell(c); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v; want %q", err, want)
		}
	}
	for text, want := range map[string]string{
		"8,lognormal:1KiB":  "\"lognormal:1KiB\" is not a mix of sizes",
		"lognormal:1/0":     "\"lognormal:1/0\" has a mean of 1 bytes; want more than 8",
		"8,,64":             "it is empty",
		"64..lognormal:1/1": "is not a mix",
	} {
		p, _ := ParameterOf("payload")
		if _, err := ParseValues(p, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v; want %q", text, err, want)
		}
	}
	p, _ := ParameterOf("capacity-bytes")
	if _, err := ParseValues(p, "lognormal:1KiB/1"); err == nil {
		t.Error("a mix is no capacity")
	}
}
