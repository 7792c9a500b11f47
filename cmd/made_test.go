package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// madeRuns are the made-up runs that tests write into directories, each made when it is
// first needed: its files by name.
//
// base and same are equal but for noise; of new, lanes takes a third longer and a trial of
// mutex-swap failed; alien is base in all but name on another machine, of which the names
// and warnings are hostile. calm and quiet are equal closed loops, which spread little;
// few are three repetitions of them, of which chan takes twice as long in slow; dead is
// quiet without a trial of lanes that ended well, and less is quiet without lanes.
//
// worked is a closed loop whose producers compute for so long that all strategies take about
// as long.
//
// small has two repetitions of three strategies and all that is derived of a run. day1 to
// day6 are of six days; late3 and late6 of the third and the sixth, on another kernel
// and with chan twice as slow.
var madeRuns = func() map[string]func() (map[string][]byte, error) {
	runs := map[string]func() (map[string][]byte, error){"small": sync.OnceValues(madeSmall)}
	for name, run := range comparedRuns() {
		runs[name] = sync.OnceValues(func() (map[string][]byte, error) { return stem(run()) })
	}
	for day := 1; day <= 6; day++ {
		runs[fmt.Sprint("day", day)] = sync.OnceValues(func() (map[string][]byte, error) { return stem(madeDay(day, false)) })
		runs[fmt.Sprint("late", day)] = sync.OnceValues(func() (map[string][]byte, error) { return stem(madeDay(day, true)) })
	}
	return runs
}()

// stem returns the two files of a run of which all others are made.
func stem(run *results.Run) (map[string][]byte, error) {
	manifest, err := json.Marshal(run.Manifest)
	if err != nil {
		return nil, err
	}
	var trials bytes.Buffer
	err = results.Export(&trials, run, "ndjson", results.Choice{})
	return map[string][]byte{results.ManifestFile: manifest, results.TrialsFile: trials.Bytes()}, err
}

// comparedRuns are those of madeRuns that are compared.
func comparedRuns() map[string]func() *results.Run {
	open := resultstest.Config{Producers: []int{1, 16}, Reps: 8, Samples: 1100, Rates: []float64{200_000}, Closed: true}
	closed := resultstest.Config{Producers: []int{16}, Reps: 20, Samples: -1}
	base, other := func(*resultstest.Config) {}, func(c *resultstest.Config) { c.Seed = 7 }
	another := func(c *resultstest.Config) { c.Seed = 8 }
	return map[string]func() *results.Run{
		"base": paired("a", results.SideBase, open, base),
		"same": paired("a", results.SideNew, open, other),
		"new": paired("a", results.SideNew, open, other, func(c *resultstest.Config) {
			c.Slow = map[string]float64{"lanes": 4.0 / 3}
			c.Fails = func(x resultstest.Trial) bool { return x.Strategy == "mutex-swap" && x.Producers == 16 && x.Block == 3 }
		}),
		"worked": func() *results.Run { return madeWorked(closed) },
		"alien":  func() *results.Run { return madeAlien(open) },
		"calm":   paired("b", results.SideBase, closed, base),
		"quiet":  paired("b", results.SideNew, closed, another),
		"dead": paired("b", results.SideNew, closed, another, func(c *resultstest.Config) {
			c.Fails = func(x resultstest.Trial) bool { return x.Strategy == "lanes" }
		}),
		"less": paired("b", results.SideNew, closed, another, func(c *resultstest.Config) { c.Strategies = 4 }),
		"few":  paired("c", results.SideBase, closed, another, func(c *resultstest.Config) { c.Strategies, c.Reps = 5, 3 }),
		"slow": paired("c", results.SideNew, closed, another, func(c *resultstest.Config) {
			c.Strategies, c.Reps, c.Slow = 5, 3, map[string]float64{"chan": 2}
		}),
	}
}

// madeWorked makes up worked.
func madeWorked(c resultstest.Config) *results.Run {
	c.Describe = func(s *results.Strategy) {
		if s.Name == "chan" {
			s.Bound = "bounded in total"
		}
	}
	run := resultstest.Run(c)
	const cost, each = 10_000, 5_000 // ns, on two processors
	for i := range run.Manifest.Cells {
		run.Manifest.Cells[i].ProducerCostNs = cost
	}
	for i := range run.Trials {
		t := &run.Trials[i]
		t.Cell.ProducerCostNs = cost
		own := t.Measurement.ElapsedNs // in which they differ
		t.Measurement.ElapsedNs = t.Measurement.Delivered*each + own
		t.Measurement.CPUNs = 2 * t.Measurement.ElapsedNs
	}
	return run
}

// paired makes a run up that was measured in turns with another.
func paired(id, side string, c resultstest.Config, changes ...func(*resultstest.Config)) func() *results.Run {
	for _, change := range changes {
		change(&c)
	}
	return func() *results.Run {
		run := resultstest.Run(c)
		run.Manifest.Pair = &results.Pair{ID: id, Side: side}
		return run
	}
}

func madeAlien(c resultstest.Config) *results.Run {
	c.Seed, c.Producers = 7, []int{1, 4}
	c.Slow = map[string]float64{"lanes": 4.0 / 3}
	c.Fails = func(x resultstest.Trial) bool { return x.Strategy == "mutex-swap" && x.Producers == 16 && x.Block == 3 }
	run := resultstest.Run(c)
	m := &run.Manifest
	m.Environment.CPU, m.Environment.Go, m.Environment.GOGC, m.Environment.Governor = "Evil CPU <img src=x>|**", "go1.27.0", "off", "powersave"
	m.Warnings = []string{"![x](http://example.org) | `busy`\n# not a heading"}
	for i := range m.Strategies {
		if m.Strategies[i].Name == "lanes" {
			m.Strategies[i].Index = 7
		}
	}
	return run
}

func madeSmall() (map[string][]byte, error) {
	parent, err := os.MkdirTemp("", "fanin-bench-small-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(parent) }()
	dir := filepath.Join(parent, "run")
	run := smallSynthetic()
	if err := errors.Join(run.Store(dir), results.WriteDerived(run, results.Summarize(run))); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	files := make(map[string][]byte)
	for _, entry := range entries {
		text, errRead := os.ReadFile(filepath.Join(dir, entry.Name()))
		if errRead != nil {
			return nil, errRead
		}
		files[entry.Name()] = text
	}
	return files, err
}

func madeDay(day int, late bool) *results.Run {
	run := resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{1, 16}, Reps: 6, Samples: -1})
	run.Manifest.Started = run.Manifest.Started.Add(time.Duration(day-1) * 24 * time.Hour)
	if !late {
		return run
	}
	run.Manifest.Environment.Kernel = "6.12"
	for i := range run.Trials {
		if run.Trials[i].Cell.Strategy == "chan" {
			run.Trials[i].Measurement.ElapsedNs *= 2
		}
	}
	return run
}

func smallSynthetic() *results.Run {
	return resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{1, 16}, Reps: 2, Samples: 100})
}

// inMade goes to a directory of its own that holds these made-up runs.
func inMade(t *testing.T, names ...string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, name := range names {
		files, err := madeRuns[name]()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(name, 0o755); err != nil {
			t.Fatal(err)
		}
		for file, text := range files {
			write(t, filepath.Join(name, file), string(text))
		}
	}
}
