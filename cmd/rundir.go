package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// outDir is where runs go unless --out says otherwise.
const outDir = "out"

// latest is the link to the newest run.
func latest() string { return filepath.Join(outDir, "latest") }

// pointLatest makes out/latest a link to dir. Where links are not allowed, as on
// some Windows machines, the run is not worth failing for that.
func (a *app) pointLatest(dir string) {
	link := latest()
	next := link + ".new"
	_ = os.Remove(next)
	err := os.Symlink(filepath.Base(dir), next)
	if err == nil {
		err = os.Rename(next, link)
	}
	if err != nil {
		fmt.Fprintf(a.stderr, "warning: pointing %s at the run: %v\n", link, err)
	}
}

// openRun opens the run directory that args name, the latest if they name none,
// and prints what is wrong with it.
func (a *app) openRun(args []string) (*results.Run, error) {
	dir := latest()
	if len(args) == 1 {
		dir = args[0]
	}
	run, err := openLean(dir)
	if err != nil {
		return nil, err
	}
	for _, warning := range run.Warnings {
		fmt.Fprintln(a.stderr, "warning:", warning)
	}
	return run, nil
}

// leanGC is the percentage by which the heap may grow between two collections while it
// holds runs. A run of 100 000 trials is 400 MB there, which Go's 100 makes 1.1 GB.
const leanGC = 50

// lean keeps the heap small unless GOGC says something else. undo takes that back.
func lean() (undo func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	was := debug.SetGCPercent(leanGC)
	return func() { debug.SetGCPercent(was) }
}

// openLean opens a run directory in a process that measures nothing.
func openLean(dir string) (*results.Run, error) {
	lean()
	return results.Open(dir)
}

// manifestStrategies describes every known strategy as run directories do.
func manifestStrategies(known []strategies.Strategy) []results.Strategy {
	all := make([]results.Strategy, len(known))
	for i, s := range known {
		all[i] = results.Strategy{
			Name: s.Name, Doc: s.Doc, Index: i, Family: string(s.Family), Source: s.Source, Floor: s.Floor,
			Order: s.Order.String(), Bound: s.Bound.String(), Wait: s.Wait,
			Policies: offered(s.Descriptor), Lanes: s.Descriptor.Lanes, Batch: s.Batch, Lossy: s.Lossy, Module: s.Module, Unbuildable: s.Unbuildable,
		}
		for promise, why := range s.Lacks {
			if all[i].Lacks == nil {
				all[i].Lacks = make(map[string]string)
			}
			all[i].Lacks[string(promise)] = why
		}
	}
	return all
}

// offered names what a strategy does when it is full; nothing for one that never is.
func offered(d strategies.Descriptor) []string {
	var names []string
	for _, p := range strategies.Policies() {
		if d.Bound != strategies.Unbounded && d.Offers(p) {
			names = append(names, p.String())
		}
	}
	return names
}

// planned describes the strategies that occur in cells, in registry order.
func planned(known []strategies.Strategy, cells []results.Cell) []results.Strategy {
	in := make(map[string]bool)
	for _, cell := range cells {
		in[cell.Strategy] = true
	}
	var chosen []results.Strategy
	for _, s := range manifestStrategies(known) {
		if in[s.Name] {
			chosen = append(chosen, s)
		}
	}
	return chosen
}
