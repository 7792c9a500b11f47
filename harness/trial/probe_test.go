package trial

import (
	"testing"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/trial/inspect"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/saboteurs"
)

// A probe's values are held against what the strategy promises.
func TestJudgeProbe(t *testing.T) {
	lacking := strategies.Descriptor{Lacks: map[strategies.Promise]string{strategies.PromisePark: "polls", strategies.PromiseShrink: "keeps"}}
	alone := func() (resume func()) { return func() {} }
	for _, test := range []struct {
		name    string
		probe   results.Probe
		hush    func() func()
		d       strategies.Descriptor
		promise strategies.Promise
	}{
		{"at rest", results.Probe{IdleCPUShare: 0.01, BurstBytes: 8 << 20, RetainedBytes: 1 << 20}, alone, strategies.Descriptor{}, ""},
		{"spins", results.Probe{IdleCPUShare: 0.9}, alone, strategies.Descriptor{}, strategies.PromisePark},
		{"spins, as it says", results.Probe{IdleCPUShare: 0.9}, alone, lacking, ""},
		{"somebody spins", results.Probe{IdleCPUShare: 0.9}, nil, strategies.Descriptor{}, ""},
		{"keeps", results.Probe{BurstBytes: 8 << 20, RetainedBytes: 2 << 20}, alone, strategies.Descriptor{}, strategies.PromiseShrink},
		{"keeps, as it says", results.Probe{BurstBytes: 8 << 20, RetainedBytes: 2 << 20}, alone, lacking, ""},
		{"noise", results.Probe{RetainedBytes: probeNoise}, alone, strategies.Descriptor{}, ""},
	} {
		tr := &trial{strategy: strategies.Strategy{Descriptor: test.d}, inspection: inspect.Inspection{Hush: test.hush}}
		if err := tr.checkProbe(&test.probe); test.promise == "" && err != nil || test.promise != "" && !record.Breaks(err, test.promise) {
			t.Errorf("%s: %v; want promise %q to be broken", test.name, err, test.promise)
		}
	}
}

// A process that is not the trial's alone is not judged by what it uses: another
// goroutine may be what uses it.
func TestIdleIsJudgedAlone(t *testing.T) {
	s := saboteurs.Spins()
	if reply := Run(s, Spec{Cell: harnesstest.Cell(s, 2), Inspect: true}); reply.Failure != nil {
		t.Errorf("%+v", reply.Failure)
	}
}
