package peers_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
	"github.com/fanin-bench/fanin-bench/strategies/peers"
)

// TestConformance tries every promise on every peer but those that it says it
// lacks, with the short kit: what is tested is the adapter.
func TestConformance(t *testing.T) {
	for _, s := range peers.All() {
		t.Run(s.Name, func(t *testing.T) {
			options := conformance.Options{Short: true, Watchdog: 10 * time.Second, Progress: func(e conformance.Event) {
				if e.State == conformance.Skipped {
					t.Logf("%s skipped: %s", e.Check, e.Detail)
				}
			}}
			for _, finding := range conformance.Check(t.Context(), s, options) {
				t.Error(finding)
			}
		})
	}
}

// A descriptor names the version that go.mod requires, if it can be built, and
// gives a reason for everything that it says is lacking.
func TestDescriptors(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range peers.All() {
		module, version, _ := strings.Cut(s.Module, "@")
		switch required := strings.Contains(string(mod), "\t"+module+" "+version+"\n"); {
		case version == "":
			t.Errorf("%s: %q is not a module@version", s.Name, s.Module)
		case s.Unbuildable == "" && !required:
			t.Errorf("%s: go.mod does not require %s %s", s.Name, module, version)
		case s.Unbuildable != "" && (strings.Contains(string(mod), module) || s.Word != nil || s.Message != nil):
			t.Errorf("%s cannot be built, but go.mod names its module or it has a constructor", s.Name)
		}
		for promise, why := range s.Lacks {
			if why == "" {
				t.Errorf("%s lacks %s without a reason", s.Name, promise)
			}
		}
		if s.Lossy && s.Offers(strategies.Block) {
			t.Errorf("%s is lossy and offers %s", s.Name, strategies.Block)
		}
	}
}
