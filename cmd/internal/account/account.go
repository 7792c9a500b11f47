package account

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/results/units"
	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
)

// Account is what verify checked of one strategy, and what it did not.
type Account struct {
	strategy                strategies.Descriptor
	passed, skipped, broken int                         // checks
	tried                   map[strategies.Promise]bool // by a check that was made
	torture                 conformance.Stats
	found                   int                  // broken promises that torture found
	first                   *conformance.Finding // what was found first
}

// New begins the account of a strategy.
func New(d strategies.Descriptor) *Account {
	return &Account{strategy: d, tried: make(map[strategies.Promise]bool)}
}

// Finding notes what was found, in the order of time.
func (a *Account) Finding(found ...conformance.Finding) {
	if a.first == nil && len(found) > 0 {
		a.first = &found[0]
	}
}

// Note counts a check that ended.
func (a *Account) Note(e conformance.Event) {
	switch e.State {
	case conformance.Started:
		return
	case conformance.Passed:
		a.passed++
	case conformance.Broken:
		a.broken++
	case conformance.Skipped:
		a.skipped++
		return
	}
	a.tried[e.Promise] = true
}

// Tortured notes what came of the torture.
func (a *Account) Tortured(stats conformance.Stats, found []conformance.Finding) {
	a.torture, a.found = stats, len(found)
	a.Finding(found...)
}

// lacking returns the promises that the strategy declares not to make.
func (a *Account) lacking() []strategies.Promise {
	return slices.DeleteFunc(strategies.Promises(), a.strategy.Keeps)
}

// untried returns the promises that it makes, or that mean nothing for it, and
// no check was made of.
func (a *Account) untried() []strategies.Promise {
	return slices.DeleteFunc(strategies.Promises(), func(p strategies.Promise) bool {
		return !a.strategy.Keeps(p) || a.tried[p]
	})
}

// Write says in a few lines what was checked of the strategy. What broke first comes
// first: the rest may follow from it.
func (a *Account) Write(out io.Writer) {
	if a.first != nil {
		fmt.Fprintf(out, "  broke first: %s, by check %s: %s\n", a.first.Promise, a.first.Check, a.first.Detail)
	}
	fmt.Fprintf(out, "  checked: %d of %d promises (%s)\n", len(a.tried), len(strategies.Promises()), checksText(a.passed, a.skipped, a.broken))
	if lacking := a.lacking(); len(lacking) > 0 {
		fmt.Fprintf(out, "  not promised, and not checked: %s\n", listed(lacking))
	}
	if untried := a.untried(); len(untried) > 0 {
		fmt.Fprintf(out, "  not checked, because every check was skipped: %s\n", listed(untried))
	}
}

// WriteAll says what was checked in all and returns how many broken promises
// were found.
func WriteAll(out io.Writer, accounts []*Account) (broken int) {
	var sum Account
	var lacking, untried, first []string
	for _, a := range accounts {
		sum.passed, sum.skipped, sum.broken = sum.passed+a.passed, sum.skipped+a.skipped, sum.broken+a.broken
		sum.torture.Rounds += a.torture.Rounds
		sum.torture.Delivered += a.torture.Delivered
		sum.found += a.found
		if a.first != nil {
			first = append(first, fmt.Sprintf("  %s: %s\n", a.strategy.Name, a.first.Promise))
		}
		if promises := a.lacking(); len(promises) > 0 {
			lacking = append(lacking, fmt.Sprintf("  %s: %s\n", a.strategy.Name, listed(promises)))
		}
		if promises := a.untried(); len(promises) > 0 {
			untried = append(untried, fmt.Sprintf("  %s: %s\n", a.strategy.Name, listed(promises)))
		}
	}
	strategies := "1 strategy"
	if n := len(accounts); n != 1 {
		strategies = fmt.Sprintf("%d strategies", n)
	}
	fmt.Fprintf(out, "%s: %s\n", strategies, checksText(sum.passed, sum.skipped, sum.broken))
	fmt.Fprintf(out, "torture: %s deliveries checked in %s\n", units.Thousands(sum.torture.Delivered), units.Plural(sum.torture.Rounds, "round"))
	if len(first) > 0 {
		fmt.Fprintf(out, "broke first (other breaks may follow from it):\n%s", strings.Join(first, ""))
	}
	if len(lacking) > 0 {
		fmt.Fprintf(out, "not promised, and not checked:\n%s", strings.Join(lacking, ""))
	}
	if len(untried) > 0 {
		fmt.Fprintf(out, "not checked (lines above with \"skipped\" give the reason):\n%s", strings.Join(untried, ""))
	}
	return sum.broken + sum.found
}

func checksText(passed, skipped, broken int) string {
	return fmt.Sprintf("%s passed, %d broken, %d skipped", units.Plural(passed, "check"), broken, skipped)
}

func listed(promises []strategies.Promise) string {
	names := make([]string, len(promises))
	for i, p := range promises {
		names[i] = string(p)
	}
	return strings.Join(names, ", ")
}
