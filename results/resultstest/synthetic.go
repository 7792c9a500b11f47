// Package resultstest makes synthetic runs, the same for the same seed, to test
// what reads, summarises or draws runs without measuring anything.
package resultstest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
)

// Config shapes a synthetic run. The zero value is the five first strategies at
// six numbers of producers, ten repetitions each.
type Config struct {
	Strategies int              // how many, the floor among them; default 5
	Producers  []int            // default 1, 4, 16, 64, 256, 1000
	Reps       int              // default 10
	Samples    int              // transit samples of a trial; default 3000; negative for none
	Capacities []int            // of chan, if more than one; default 1024
	Fails      func(Trial) bool // which trials fail; default none
}

// Trial tells Config.Fails which trial it is asked about.
type Trial struct {
	Strategy  string
	Producers int
	Block     int
}

// names are the strategies in registry order; later ones are numbered.
var names = []string{"null", "chan", "chan-unbounded", "mutex-swap", "lanes"}

// Run makes a run that has not been written anywhere.
func Run(c Config) *results.Run {
	c.setDefaults()
	run := &results.Run{Manifest: manifest(c)}
	// The seed only makes the numbers reproducible.
	rng := rand.New(rand.NewPCG(2, 0xfa41))
	started := run.Manifest.Started
	for block := range c.Reps {
		drift := math.Exp(0.03 * rng.NormFloat64())
		for position, i := range rng.Perm(len(run.Manifest.Cells)) {
			cell := run.Manifest.Cells[i]
			trial := results.Trial{
				Schema: results.SchemaVersion, Cell: cell, Block: block, Position: position,
				Seed: rng.Uint64(), Started: started, WallNs: 400e6,
			}
			if c.Fails != nil && c.Fails(Trial{cell.Strategy, cell.Producers, block}) {
				trial.Failure = &results.Failure{Kind: results.FailureTimeout, Detail: "no result within 30s"}
			} else {
				trial.Measurement = measurement(rng, cell, run.Manifest.Strategy(cell.Strategy).Index, drift, c.Samples)
			}
			run.Trials = append(run.Trials, trial)
			started = started.Add(450 * time.Millisecond)
		}
	}
	return run
}

func (c *Config) setDefaults() {
	if c.Strategies == 0 {
		c.Strategies = len(names)
	}
	if c.Producers == nil {
		c.Producers = []int{1, 4, 16, 64, 256, 1000}
	}
	if c.Reps == 0 {
		c.Reps = 10
	}
	if c.Samples == 0 {
		c.Samples = 3000
	}
	if c.Capacities == nil {
		c.Capacities = []int{1024}
	}
}

func manifest(c Config) results.Manifest {
	m := results.Manifest{
		Schema: results.SchemaVersion, Scenario: "synthetic", Seed: 42, Command: []string{"fanin-bench", "run"},
		Version: "test", Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Reps: c.Reps, Isolation: "process",
		Environment: results.Environment{
			CPU: "Example CPU @ 3.00GHz", Cores: 2, GOMAXPROCS: 2, Go: "go1.26.0", GOGC: "100", OS: "linux", Arch: "amd64",
			Clock: "tsc", ClockNs: 12.5, MemoryBytes: 8 << 30,
		},
	}
	for i := range c.Strategies {
		name := fmt.Sprintf("strategy-%d", i)
		if i < len(names) {
			name = names[i]
		}
		bound := "unbounded"
		if name == results.Baseline {
			bound = "total"
		}
		m.Strategies = append(m.Strategies, results.Strategy{
			Name: name, Index: i, Doc: "A strategy made up for tests.", Order: "per producer", Bound: bound, Wait: "parks", Floor: i == 0,
		})
		for _, producers := range c.Producers {
			cell := results.Cell{
				Strategy: name, Producers: producers, Arrival: "closed", Payload: 8, SendBatch: 1, RecvBatch: 256,
				Messages: 2_000_000, GOMAXPROCS: 2,
			}
			if name != results.Baseline {
				m.Cells = append(m.Cells, cell)
				continue
			}
			for _, capacity := range c.Capacities {
				cell.Capacity, cell.Policy = capacity, "block"
				m.Cells = append(m.Cells, cell)
			}
		}
	}
	return m
}

// measurement makes up a trial: lognormal around a median that depends on the
// strategy and the producers in the way real ones do.
func measurement(rng *rand.Rand, cell results.Cell, index int, drift float64, samples int) *results.Measurement {
	perProducer := []float64{0, -0.06, -0.05, -0.13, 0.09}[index%5]
	fastest := []float64{210, 12.3, 7.5, 59, 44, 35, 31, 27, 24, 21, 18, 16}[index%12] * 1e6
	rate := fastest * math.Pow(float64(cell.Producers), perProducer) * drift * math.Exp(0.02*rng.NormFloat64())
	m := &results.Measurement{
		ElapsedNs: int64(float64(cell.Messages) / rate * 1e9), Attempted: cell.Messages, Delivered: cell.Messages,
		Receives: cell.Messages / 40, Steady: true, Clock: "tsc", ClockNs: 12.5,
		Mallocs: 120, HeapBytes: 3<<20 + int64(cell.Producers)*4096, GCs: 1,
	}
	if samples < 0 || index == 0 {
		return m // the floor carries no items to be timed
	}
	m.SampleStep = int(cell.Messages) / samples
	m.Transit = results.NewHistogram()
	mu := math.Log(2500*math.Pow(float64(cell.Producers), 0.7)) + 0.5*math.Sin(float64(index)*1.3)
	for range samples {
		ns := math.Exp(mu + 0.6*rng.NormFloat64())
		if rng.IntN(150) == 0 {
			ns *= 40 // now and then the scheduler takes the consumer away
		}
		m.Transit.Record(int64(ns))
	}
	return m
}
