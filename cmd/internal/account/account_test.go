package account

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
)

// keeping returns a descriptor of a strategy that keeps these promises and lacks the others.
func keeping(name string, keeps ...strategies.Promise) strategies.Descriptor {
	d := strategies.Descriptor{Name: name, Lacks: map[strategies.Promise]string{}}
	for _, p := range strategies.Promises() {
		d.Lacks[p] = "it is modest"
	}
	for _, p := range keeps {
		delete(d.Lacks, p)
	}
	return d
}

// A promise is checked if one of its checks was made; where all were skipped it is not.
// What was found first is told first, also if torture found more later.
func TestAccount(t *testing.T) {
	t.Parallel()
	promises := strategies.Promises()
	keeps := []strategies.Promise{
		strategies.PromiseExactlyOnce, strategies.PromiseIntact, strategies.PromiseOrder, strategies.PromiseDrain, strategies.PromiseBound,
	}
	lacking := listed(slices.DeleteFunc(strategies.Promises(), func(p strategies.Promise) bool { return slices.Contains(keeps, p) }))
	a := New(keeping("some", keeps...))
	for _, e := range []conformance.Event{
		{Promise: strategies.PromiseBound, State: conformance.Started},
		{Promise: strategies.PromiseBound, State: conformance.Skipped},
		{Promise: strategies.PromiseDrain, State: conformance.Started},
		{Promise: strategies.PromiseExactlyOnce, State: conformance.Passed},
		{Promise: strategies.PromiseExactlyOnce, State: conformance.Skipped},
		{Promise: strategies.PromiseIntact, State: conformance.Passed},
		{Promise: strategies.PromiseOrder, State: conformance.Broken},
	} {
		a.Note(e)
	}
	a.Finding() // a check without one
	a.Finding(conformance.Finding{Promise: strategies.PromiseOrder, Check: "order-single", Detail: "2 after 3"})
	a.Tortured(conformance.Stats{Rounds: 1, Delivered: 1234}, []conformance.Finding{
		{Promise: strategies.PromiseIntact, Check: "torture"}, {Promise: strategies.PromiseDrain, Check: "torture"},
	})
	var one, all bytes.Buffer
	a.Write(&one)
	if want := fmt.Sprintf(`  broke first: order, by check order-single: 2 after 3
  checked: 3 of %d promises (2 checks passed, 1 broken, 2 skipped)
  not promised, and not checked: %s
  not checked, because every check was skipped: drain, bound
`, len(promises), lacking); one.String() != want {
		t.Errorf("said\n%s\nwant\n%s", one.String(), want)
	}
	sound := New(keeping("sound", promises...))
	for _, p := range promises {
		sound.Note(conformance.Event{Promise: p, State: conformance.Passed})
	}
	sound.Tortured(conformance.Stats{Rounds: 2, Delivered: 1_000_000}, nil)
	if broken := WriteAll(&all, []*Account{a, sound}); broken != 3 {
		t.Errorf("%d broken promises; want that of a check and two of torture", broken)
	}
	if want := fmt.Sprintf(`2 strategies: %d checks passed, 1 broken, 2 skipped
torture: 1,001,234 deliveries checked in 3 rounds
broke first (other breaks may follow from it):
  some: order
not promised, and not checked:
  some: %s
not checked (lines above with "skipped" give the reason):
  some: drain, bound
`, len(promises)+2, lacking); all.String() != want {
		t.Errorf("in all it said\n%s\nwant\n%s", all.String(), want)
	}
}

// One strategy of which everything was checked and kept needs two lines.
func TestAccountOfOne(t *testing.T) {
	t.Parallel()
	a := New(keeping("sound", strategies.Promises()...))
	for _, p := range strategies.Promises() {
		a.Note(conformance.Event{Promise: p, State: conformance.Passed})
	}
	var all bytes.Buffer
	broken := WriteAll(&all, []*Account{a})
	want := fmt.Sprintf("1 strategy: %d checks passed, 0 broken, 0 skipped\ntorture: 0 deliveries checked in 0 rounds\n", len(strategies.Promises()))
	if broken != 0 || all.String() != want {
		t.Errorf("%d broken, said\n%s\nwant\n%s", broken, all.String(), want)
	}
}
