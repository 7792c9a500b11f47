package scenario

import (
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Ways to share multiply out like other parameters. A strategy whose deliveries could not
// be checked is left out with the reason, and a plan of none but such is refused with it.
func TestPlanSharing(t *testing.T) {
	lossy := strategies.Strategy{
		Descriptor: strategies.Descriptor{Name: "lossy", Bound: strategies.Total, Lossy: true, Policies: []strategies.Policy{strategies.DropOldest}},
		Word:       strategies.NewMutexCond[strategies.Word],
	}
	known := []strategies.Strategy{strategies.All()[1], lossy}
	s := scenario(func(s *Scenario) {
		s.of("chan", "lossy").put("producers", 4).put("sharing", results.SharingHandle, results.SharingShared).put("lifetime", int64(0), int64(3))
	})
	plan, err := NewPlan(s, known, 1)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range plan.Cells {
		got = append(got, strings.TrimSpace(c.Strategy+" "+c.Label(sharingParameters(), " ")))
	}
	want := []string{
		"chan", "chan lifetime=3", "chan sharing=shared", "chan sharing=shared lifetime=3",
		"lossy", "lossy sharing=shared", "lossy sharing=shared lifetime=3",
	}
	if !slices.Equal(got, want) {
		t.Errorf("cells %q; want %q", got, want)
	}
	const why = `lifetime=3: strategy "lossy" may drop an item whose handle has closed, and nobody counts that`
	if left := s.Omissions(known, plan.Cells); !slices.Contains(left, Omission{"lossy", why}) {
		t.Errorf("left out: %q; want %q of lossy", left, why)
	}

	alone := scenario(func(s *Scenario) { s.of("lossy").put("lifetime", int64(3)) })
	if _, err := NewPlan(alone, known, 1); err == nil || !strings.Contains(err.Error(), "whose handle has closed") {
		t.Errorf("error %v", err)
	}
	both := scenario(func(s *Scenario) { s.of("chan", "lossy").put("lifetime", int64(3)) })
	plan, err = NewPlan(both, known, 1)
	if err != nil {
		t.Fatal(err)
	}
	if left := both.Omissions(known, plan.Cells); !slices.Contains(left, Omission{"lossy", why}) {
		t.Errorf("left out: %q; want %q of lossy", left, why)
	}
}

// What contradicts itself is refused by the name of the flag.
func TestPlanSharingErrors(t *testing.T) {
	for want, change := range map[string]func(*Scenario){
		`lifetime: sharing "open" needs the number of items`:    func(s *Scenario) { s.put("sharing", results.SharingOpen) },
		"sharing: a Sender sends single items, not 32 at":       func(s *Scenario) { s.put("sharing", results.SharingShared).put("send-batch", 32) },
		"send-by: a Writer needs a producer that has a handle":  func(s *Scenario) { s.put("lifetime", int64(2)).put("send-by", results.SendByWriter) },
		"recv-by: a Reader collects nothing for a deadline, an": func(s *Scenario) { s.put("recv-by", results.RecvByReader).put("batch-deadline", int64(5)) },
		"recv-by: a consumer that waits for Ready collects n":   func(s *Scenario) { s.put("recv-by", results.RecvByReady).put("batch-deadline", int64(5)) },
		`sharing: unknown sharing "sharde" (did you mean "sha`:  func(s *Scenario) { s.put("sharing", "sharde") },
	} {
		_, err := NewPlan(scenario(func(s *Scenario) {
			s.of("chan")
			change(s)
		}), strategies.All(), 1)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v; want %q", err, want)
		}
	}
}
