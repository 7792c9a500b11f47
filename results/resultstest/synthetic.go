// Package resultstest makes synthetic runs, the same for the same seed, to test
// what reads, summarises or draws runs without measuring anything.
//
// The package is the program's own: its API may change with every version.
package resultstest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
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
	SendBatch  int              // items per send call; default 1

	// Describe may change a strategy before its cells are made, which have a
	// capacity and a policy as its Bound says. By default chan is bounded in total
	// and all others are unbounded.
	Describe func(*results.Strategy)

	Seed uint64             // makes other numbers of the same kind; default 2
	Slow map[string]float64 // strategies that take so many times as long

	// Open loops, each kind a cell of its own; with any of them there is no closed
	// loop unless Closed says so.
	Rates    []float64 // messages per second
	Loads    []float64 // shares of saturation; they bring the searches
	Overload float64   // of the open loops, in the middle fifth
	Cost     int64     // of the open loops' consumers per message, in ns; chan then has every policy
	Stall    bool      // of the open loops' consumers, 50 ms every 500 ms
	Probe    bool      // a cell at rest for each strategy but the floor
	Closed   bool

	Companies []Company // the neighbours of loads, each a cell of its own; default none

	// Turns is how many slices closed loops have; default none. Those of a block that
	// differ in the strategy alone took them together, so that what disturbed one turn
	// disturbed it for all.
	Turns int

	// Work is what producers of closed loops compute for each message, in ns, each a cell of
	// its own; default none.
	Work []int64

	Stages []time.Duration // of closed loops: a pipeline of these, of a hundred messages
	Limit  int64           // of memory, in bytes; trials without a bound end at it, as expected
	Mixed  bool            // sizes, in closed loops; bounded strategies also have a bound in bytes

	// Processes are how many processes the producers are in, of strategies that leave theirs,
	// and Payloads the sizes of messages, each a cell of its own; default none, and 8 bytes.
	Processes, Payloads []int
}

// Trial tells Config.Fails which trial it is asked about.
type Trial struct {
	Strategy  string
	Producers int
	Block     int
}

// channel is the baseline of the runs made here.
const channel = "chan"

// names are the strategies in registry order; later ones are numbered.
var names = []string{"null", channel, "chan-unbounded", "mutex-swap", "lanes"}

// Run makes a run that has not been written anywhere.
func Run(c Config) *results.Run {
	c.setDefaults()
	run := &results.Run{Manifest: manifest(c)}
	// The seed only makes the numbers reproducible.
	rng := rand.New(rand.NewPCG(c.Seed, 0xfa41))
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
				c.measure(&trial, run, rng, drift)
			}
			run.Trials = append(run.Trials, trial)
			started = started.Add(450 * time.Millisecond)
		}
	}
	return run
}

// measure makes up what came of a trial.
func (c *Config) measure(trial *results.Trial, run *results.Run, rng *rand.Rand, drift float64) {
	s := run.Manifest.Strategy(trial.Cell.Strategy)
	m := maker{rng, trial.Cell, s.Index, drift, c.Samples, s.Bound}
	if slow := c.Slow[trial.Cell.Strategy]; slow > 0 {
		m.drift /= slow
	}
	trial.Measurement = m.measurement()
	m.beside(trial.Measurement)
	if len(c.Processes) > 0 {
		m.carry(trial.Measurement, s)
	}
	if c.Turns > 0 && trial.Cell.IsClosed() {
		trial.Measurement.Slices = turns(*c, &run.Manifest, *trial)
	}
	if c.Limit > 0 {
		m.live(trial, c.Limit)
	}
	if c.Mixed {
		m.mix(trial)
	}
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
	if c.SendBatch == 0 {
		c.SendBatch = 1
	}
	if c.Seed == 0 {
		c.Seed = 2
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
		MemoryLimit: c.Limit,
	}
	if c.Limit > 0 {
		m.Expect = []results.FailureKind{results.FailureMemory}
	}
	for i := range c.Strategies {
		strategy := results.Strategy{
			Name: fmt.Sprintf("strategy-%d", i), Index: i, Doc: "A strategy made up for tests.",
			Order: "per producer", Bound: unbounded, Wait: "parks", Floor: i == 0,
		}
		if i < len(names) {
			strategy.Name = names[i]
		}
		switch {
		case strings.HasPrefix(strategy.Name, "chan"):
			strategy.Family = "channels"
		case strings.HasPrefix(strategy.Name, "lanes"):
			strategy.Family = "lanes"
		}
		if strategy.Name == channel {
			strategy.Bound = "bounded in total"
		}
		if c.Describe != nil {
			c.Describe(&strategy)
		}
		m.Strategies = append(m.Strategies, strategy)
		for _, producers := range c.Producers {
			for _, cell := range c.cells(strategy, producers) {
				for _, company := range c.companies() {
					cell.Busy, cell.BusyKind = company.Busy, company.Kind
					for _, cell := range c.spread(strategy, cell) {
						m.Cells = append(m.Cells, c.bounded(strategy, cell)...)
					}
				}
			}
		}
	}
	return m
}

const (
	// unbounded is the bound of strategies whose cells have neither capacity nor policy.
	unbounded = "unbounded"
	// inFlight is the bound of those that tell what is in flight.
	inFlight = "bounded in flight"
)

// bounded returns a strategy's cell with every choice that it is to have.
func (c Config) bounded(s results.Strategy, cell results.Cell) []results.Cell {
	if s.Bound == unbounded {
		return []results.Cell{cell}
	}
	policies, capacities := []string{"block"}, []int{1024}
	if s.Lossy {
		policies[0] = "drop-oldest"
	}
	if s.Name == channel {
		capacities = c.Capacities
		if c.Cost > 0 {
			policies = []string{"block", "fail", "drop-newest", "drop-oldest"}
		}
	}
	var cells []results.Cell
	for _, cell.Capacity = range capacities {
		for _, cell.Policy = range policies {
			cells = append(cells, cell)
			if c.Mixed {
				cell.CapacityBytes = 2 << 20
				cells = append(cells, cell)
				cell.CapacityBytes = 0
			}
		}
	}
	return cells
}

// cells returns the cells of a strategy at one number of producers.
func (c Config) cells(strategy results.Strategy, producers int) []results.Cell {
	closed := results.Cell{
		Strategy: strategy.Name, Producers: producers, Arrival: "closed", Payload: 8, SendBatch: c.SendBatch, RecvBatch: 256,
		Messages: 2_000_000, GOMAXPROCS: 2,
	}
	if len(c.Stages) > 0 {
		closed.Stages, closed.CostKind, closed.Messages = results.NewStages(c.Stages...), results.CostSleep, 100
	}
	if c.Mixed {
		closed.Payload, closed.PayloadMix = 105017, "bimodal:64/1MiB/0.1"
	}
	var cells []results.Cell
	if c.Closed || len(c.Rates)+len(c.Loads) == 0 && !c.Probe {
		for _, closed.ProducerCostNs = range c.Work {
			cells = append(cells, closed)
		}
		if closed.ProducerCostNs = 0; c.Work == nil {
			cells = append(cells, closed)
		}
	}
	if c.Probe && !strategy.Floor {
		probe := closed
		probe.Kind, probe.Messages, probe.DurationNs = results.KindProbe, 0, 1e9
		cells = append(cells, probe)
	}
	open := closed
	open.Arrival, open.Messages, open.DurationNs = "poisson", 0, 1e9
	if len(c.Loads) > 0 {
		search := open
		search.Kind = results.KindSearch
		cells = append(cells, search)
	}
	open.Overload, open.ConsumerCostNs = c.Overload, c.Cost
	if c.Stall {
		open.StallNs, open.StallEveryNs = 50e6, 500e6
	}
	for _, open.Rate = range c.Rates {
		cells = append(cells, open)
	}
	open.Rate = 0
	for _, open.Load = range c.Loads {
		cells = append(cells, open)
	}
	return cells
}

// maker makes up the trials of a cell.
type maker struct {
	rng     *rand.Rand
	cell    results.Cell
	index   int // of the strategy
	drift   float64
	samples int
	bound   string
}

func (k maker) measurement() *results.Measurement {
	switch {
	case k.cell.Kind == results.KindSearch:
		m := k.common(1_000_000, 1e9)
		m.Saturation = k.saturation()
		return m
	case k.cell.Kind == results.KindProbe:
		return k.probe()
	case k.cell.IsOpen():
		return k.open()
	default:
		return k.closed()
	}
}

// saturation is the rate that the strategy reaches, in messages per second.
func (k maker) saturation() float64 {
	perProducer := []float64{0, -0.06, -0.05, -0.13, 0.09}[k.index%5]
	fastest := []float64{210, 12.3, 7.5, 59, 44, 35, 31, 27, 24, 21, 18, 16}[k.index%12] * 1e6
	return fastest * math.Pow(float64(k.cell.Producers), perProducer) * k.drift * math.Exp(0.02*k.rng.NormFloat64())
}

// common is what every measurement has.
func (k maker) common(messages int64, elapsedNs float64) *results.Measurement {
	return &results.Measurement{
		ElapsedNs: int64(elapsedNs), Attempted: messages, Delivered: messages, Receives: max(1, messages/40),
		Steady: true, Clock: "tsc", ClockNs: 12.5,
		Mallocs: new(int64(120)), HeapBytes: 3<<20 + int64(k.cell.Producers)*4096, GCs: new(int64(1)),
	}
}

// closed makes up a closed loop: lognormal around a median that depends on the
// strategy and the producers in the way real ones do.
func (k maker) closed() *results.Measurement {
	each := 1e9/k.saturation() + float64(k.cell.ProducerCostNs)/float64(k.cell.GOMAXPROCS)
	m := k.common(k.cell.Messages, float64(k.cell.Messages)*each)
	if k.bound == inFlight {
		m.InFlight = level(0.9*float64(k.cell.Capacity), int64(k.cell.Capacity))
	}
	if !k.cell.Stages.IsZero() {
		k.pipeline(m)
		return m
	}
	if k.samples < 0 || k.index == 0 {
		return m // the floor carries no items to be timed
	}
	m.SampleStep = int(k.cell.Messages) / k.samples
	m.Transit = histogram.New()
	mu := math.Log(2500*math.Pow(float64(k.cell.Producers), 0.7)) + 0.5*math.Sin(float64(k.index)*1.3)
	for range k.samples {
		ns := math.Exp(mu + 0.6*k.rng.NormFloat64())
		if k.rng.IntN(150) == 0 {
			ns *= 40 // now and then the scheduler takes the consumer away
		}
		m.Transit.Record(int64(ns))
	}
	return m
}
