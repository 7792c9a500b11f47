// Command truth measures what the intervals of a run and the gate of bench-ci reach, by
// real runs on this machine:
//
//	go run ./cmd/truth                     # hours; stop it at any time, it goes on from there
//	go run ./cmd/truth -report             # what there is so far
//
// A sweep is the default run of `make bench`. A gate run is `make bench-ci` of this
// program against itself, or of one with strategies that cmd/slowed makes slower, each
// time others: one by each share. A gate is to be red for as few others as if nothing were slower,
// so that one such run tries all shares. What came of each is a line of a journal, so that
// what was measured on several days adds up. Lines of another machine, and of
// runs with other flags, are not counted. The report is kept beside the journal.
//
// The files: plan.go says which run is next, journal.go stores what came of them,
// measure.go takes them, report.go sums them up.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/results/units"
	"github.com/fanin-bench/fanin-bench/strategies"
)

func main() {
	p, onlyReport, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	} else if err != nil {
		fmt.Fprintln(os.Stderr, "truth:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err = p.run(ctx, onlyReport, os.Stdout)
	stopped := ctx.Err() != nil
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "truth:", err)
		if stopped {
			os.Exit(130)
		}
		os.Exit(1)
	}
}

// parse reads the command line.
func parse(args []string) (p plan, onlyReport bool, err error) {
	p.machine, p.build = machineName(), build
	f := flag.NewFlagSet("truth", flag.ContinueOnError)
	f.StringVar(&p.dir, "dir", "out/truth", "`directory` of the runs")
	f.StringVar(&p.journal, "journal", "out/truth/truth.ndjson", "`file` of what came of the runs; the report is kept beside it")
	f.StringVar(&p.program, "program", "bin/fanin-bench", "`program` of the sweeps")
	f.StringVar(&p.version, "version", "", "`version` that the programs of gate runs, which are built from cmd/slowed, say they are")
	f.IntVar(&p.gates, "runs", 20, "`number` of gate runs in which strategies are slower, and of gate runs in which none is")
	f.IntVar(&p.sweeps, "sweeps", 2, "`number` of sweeps")
	f.DurationVar(&p.apart, "apart", time.Hour, "least `duration` between the starts of two sweeps while there are gate runs to make")
	f.IntVar(&p.most, "most", 0, "stop after this `number` of runs (0: when all are made)")
	f.StringVar(&p.sweepFlags, "sweep-flags", "", "`flags` of the sweeps")
	f.StringVar(&p.gateFlags, "gate-flags", "", "`flags` of the gate runs")
	f.BoolVar(&onlyReport, "report", false, "print what there is, and measure nothing")
	shares := f.String("shares", "5%,3%", "`shares` of their time that strategies of the same gate run take longer (empty: nothing is slower)")
	slow := f.String("strategies", "", "`strategies` that are slowed, one after the other (default: all)")
	if err := f.Parse(args); err != nil {
		return p, false, err
	}
	if f.NArg() > 0 {
		return p, false, fmt.Errorf("unknown argument %q", f.Arg(0))
	}
	if p.gates < 0 || p.sweeps < 0 || p.most < 0 {
		return p, false, errors.New("-runs, -sweeps and -most must not be below 0")
	}
	if p.shares, err = parseShares(*shares); err != nil {
		return p, false, fmt.Errorf("-shares: %w", err)
	}
	if p.strategies, err = parseStrategies(*slow); err != nil {
		return p, false, fmt.Errorf("-strategies: %w", err)
	}
	if len(p.strategies) < len(p.shares) {
		return p, false, fmt.Errorf("-strategies names %d, and %d are to be slower in each run", len(p.strategies), len(p.shares))
	}
	return p, onlyReport, nil
}

// parseShares reads a list such as "5%,3%"; an empty one has none.
func parseShares(text string) (shares []float64, err error) {
	if text == "" {
		return nil, nil
	}
	for word := range strings.SplitSeq(text, ",") {
		number, isPercent := strings.CutSuffix(strings.TrimSpace(word), "%")
		percent, err := strconv.ParseFloat(number, 64)
		if err != nil || !isPercent || !(percent > 0 && percent <= 100) {
			return nil, fmt.Errorf("%q is not a share above 0%% and up to 100%%", word)
		}
		shares = append(shares, percent/100)
	}
	return shares, nil
}

// parseStrategies reads a list of names; an empty one is all but the floor.
func parseStrategies(text string) (names []string, err error) {
	known := slices.DeleteFunc(strategies.All(), func(s strategies.Strategy) bool { return s.Floor })
	if text == "" {
		for _, s := range known {
			names = append(names, s.Name)
		}
		return names, nil
	}
	names = strings.Split(text, ",")
	for _, name := range names {
		if _, err := pick.Find(known, name); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// machineName says which machine this is.
func machineName() string {
	e := machine.ReadEnvironment(context.Background())
	return fmt.Sprintf("%s, %s, %s/%s", e.CPU, units.Plural(e.Cores, "core"), e.OS, e.Arch)
}
