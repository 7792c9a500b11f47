package peers_test

import (
	"fmt"
	"go/build"
	"os"
	"slices"
	"strconv"
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

// A descriptor names the version that go.mod requires, if it can be built on any
// platform, and gives a reason for everything that it says is lacking.
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
		case s.Unbuildable != "" && strconv.IntSize == 64 && strings.Contains(string(mod), module):
			t.Errorf("%s cannot be built, but go.mod names its module", s.Name)
		case s.Unbuildable != "" && (s.Word != nil || s.Message != nil):
			t.Errorf("%s cannot be built, but has a constructor", s.Name)
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

// A platform of 32 bits lists the modules that fail there and imports none of them.
func TestPlatforms(t *testing.T) {
	failing := map[string]string{
		"code.hybscloud.com/lfq": "lfq", "github.com/randomizedcoder/go-lock-free-ring": "shardedring", "github.com/hedzr/go-ringbuf/v2": "ringbuf",
	}
	for arch, bits := range map[string]int{"amd64": 64, "arm64": 64, "386": 32, "arm": 32} {
		platform := build.Default
		platform.GOOS, platform.GOARCH, platform.CgoEnabled = "linux", arch, false
		compiled, err := platform.ImportDir(".", 0)
		if err != nil {
			t.Fatal(err)
		}
		for module, file := range failing {
			if imports := slices.Contains(compiled.Imports, module); imports != (bits == 64) {
				t.Errorf("%s imports %s: %v", arch, module, imports)
			}
			if name := fmt.Sprintf("%s_%dbit.go", file, bits); !slices.Contains(compiled.GoFiles, name) {
				t.Errorf("%s does not compile %s, which declares the strategy", arch, name)
			}
		}
	}
}
