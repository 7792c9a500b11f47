package scenario

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Scenario says what a run varies and how long it takes. Lists are multiplied
// out. The sections are embedded, so that their fields are the scenario's own; the
// field tags are the YAML names, and those of the sections' fields are also the
// names of the command line's flags.
type Scenario struct {
	Name  string `yaml:"name"`
	About string `yaml:"about"` // the question it answers

	LoadSection     `yaml:"load"`
	ItemsSection    `yaml:"items"`
	QueueSection    `yaml:"queue"`
	ConsumerSection `yaml:"consumer"`
	RunSection      `yaml:"run"`

	// Variants are run side by side instead of the scenario itself.
	Variants Variants `yaml:"variants"`
}

// LoadSection is who sends and when.
type LoadSection struct {
	Producers   Ints     `yaml:"producers"`
	Arrival     Strings  `yaml:"arrival"`      // see Arrivals
	Rate        Rates    `yaml:"rate"`         // of open loops, messages per second of all producers together
	Load        Floats   `yaml:"load"`         // of open loops, as shares of the saturation rate, which is then searched for
	Overload    float64  `yaml:"overload"`     // of open loops: so many times as much in the middle fifth
	HotShare    Floats   `yaml:"hot-share"`    // what one producer sends of all; the others share the rest
	Zipf        Floats   `yaml:"zipf"`         // the exponent: the n-th producer sends 1/n^exponent of what the first does
	BurstPeriod Duration `yaml:"burst-period"` // of arrival burst; 0 is 100 ms
	Pause       Pause    `yaml:"pause"`        // FOR/MESSAGES, of closed loops: a producer sleeps after so many
	SendBatch   Ints     `yaml:"send-batch"`   // items per send
}

// ItemsSection is what is sent.
type ItemsSection struct {
	Payload    Sizes   `yaml:"payload"`    // bytes per message; 8 is the bare word
	Item       Strings `yaml:"item"`       // how a payload is carried: results.Items
	Allocation Strings `yaml:"allocation"` // where one that is pointed to comes from: results.Allocations
}

// QueueSection is the fan-in between the two.
type QueueSection struct {
	Strategies Strings    `yaml:"strategies"` // names, also of Groups; with a ? only if known; empty means DefaultGroup
	Capacity   Capacities `yaml:"capacity"`   // of bounded strategies
	Policy     Strings    `yaml:"policy"`     // of bounded strategies
	Lanes      Ints       `yaml:"lanes"`      // of strategies with lanes; 0 is one per producer
	Probe      bool       `yaml:"probe"`      // also measure each strategy at rest
}

// ConsumerSection is who receives, and what that costs it.
type ConsumerSection struct {
	RecvBatch     Ints      `yaml:"recv-batch"`     // items per receive, at most
	BatchDeadline Durations `yaml:"batch-deadline"` // after its first item a receive collects for so long; 0: it takes what is there
	ConsumerCost  Duration  `yaml:"consumer-cost"`  // what the consumer takes per message
	BatchCost     Duration  `yaml:"batch-cost"`     // ... and per receive that returned messages
	CostKind      string    `yaml:"cost-kind"`      // what it does meanwhile: results.CostKinds
	Stages        Durations `yaml:"stages"`         // of a pipeline of fan-ins: what each takes per message; the last is the consumer
	Sink          Strings   `yaml:"sink"`           // where it writes what it received: results.Sinks
	SinkWrite     Strings   `yaml:"sink-write"`     // how much at a time: results.SinkWrites
	SinkFrame     Strings   `yaml:"sink-frame"`     // what of each message: results.SinkFrames
	Stall         Stall     `yaml:"stall"`          // FOR/EVERY: the consumer sleeps
}

// RunSection is how long it all takes, and on how much of the machine.
type RunSection struct {
	Reps int `yaml:"reps"` // trials per cell

	// Either is set: how long a trial's measured part lasts, about (its message
	// count is chosen by the rate of the warm-up), or how many messages it has.
	Duration Duration `yaml:"duration"`
	Messages int64    `yaml:"messages"`

	GOMAXPROCS Ints `yaml:"gomaxprocs"` // 0 is all cores

	Busy     Ints    `yaml:"busy"`      // neighbours of the fan-in: goroutines that compute in a trial's process
	BusyKind Strings `yaml:"busy-kind"` // what they do: results.BusyKinds

	Timeout     Duration `yaml:"timeout"`      // of a trial, its start and warm-up included
	MemoryLimit Size     `yaml:"memory-limit"` // of a trial's process; 0: none

	// Expect lists failures that are what the scenario shows: results.Expectable.
	Expect Strings `yaml:"expect"`
}

// Policies lists by name what a bounded strategy may do when it is full; to block is
// the first.
func Policies() []string {
	var names []string
	for _, p := range strategies.Policies() {
		names = append(names, p.String())
	}
	return names
}

//go:embed scenarios/*.yaml
var builtIn embed.FS

// Default is the name of the scenario that runs when none is named.
const Default = "sweep"

// BuiltIn returns the built-in scenarios by name.
func BuiltIn() ([]Scenario, error) {
	entries, err := builtIn.ReadDir("scenarios")
	if err != nil {
		return nil, fmt.Errorf("reading the built-in scenarios: %w", err)
	}
	var all []Scenario
	for _, entry := range entries {
		data, err := builtIn.ReadFile(path.Join("scenarios", entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading the built-in scenarios: %w", err)
		}
		s, err := Parse(entry.Name(), data)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// maxScenarioBytes bounds a scenario file.
const maxScenarioBytes = 1 << 20

// Load returns the built-in scenario of that name or else reads the file.
func Load(nameOrFile string) (Scenario, error) {
	all, err := BuiltIn()
	if err != nil {
		return Scenario{}, err
	}
	names := make([]string, len(all))
	for i, s := range all {
		if s.Name == nameOrFile {
			return s, nil
		}
		names[i] = s.Name
	}
	info, err := os.Stat(nameOrFile)
	if errors.Is(err, os.ErrNotExist) {
		return Scenario{}, fmt.Errorf("%w, or a file that exists", pick.Unknown("scenario", nameOrFile, names))
	}
	if err == nil && info.IsDir() {
		return Scenario{}, fmt.Errorf("%q is a directory, not a scenario file", nameOrFile)
	}
	if err == nil && info.Size() > maxScenarioBytes {
		err = fmt.Errorf("%s: %d bytes; a scenario has at most %d", nameOrFile, info.Size(), maxScenarioBytes)
	}
	if err != nil {
		return Scenario{}, fmt.Errorf("reading a scenario: %w", err)
	}
	data, err := os.ReadFile(nameOrFile)
	if err != nil {
		return Scenario{}, fmt.Errorf("reading a scenario: %w", err)
	}
	return Parse(nameOrFile, data)
}

// Parse reads a scenario from YAML. Errors are one line that names the
// file and the line, and the nearest key where there is no such key.
func Parse(file string, data []byte) (Scenario, error) {
	s := Scenario{RunSection: RunSection{MemoryLimit: Size(machine.DefaultMemoryLimit())}}
	if err := readYAML(data, &s); err != nil {
		return s, fmt.Errorf("%s: %w", file, err)
	}
	return s.WithDefaults(), nil
}

// Defaults of a scenario. The receive buffer of 256 words is what a consumer
// that cares for throughput passes; larger ones gained under 2 % here.
const (
	DefaultReps      = 10
	DefaultDuration  = 400 * time.Millisecond // of a closed loop
	DefaultOffer     = 2 * time.Second        // of an open loop: rare delays need time to show
	DefaultRecvBatch = 256
)

// WithDefaults fills in what was left out. A memory limit of 0 stays: it means
// none.
func (s Scenario) WithDefaults() Scenario {
	for _, list := range []struct {
		ints  *Ints
		value Ints
	}{
		{&s.Producers, Ints{1, 4, 16, 64, 256, 1000}},
		{&s.Lanes, Ints{0}},
		{&s.SendBatch, Ints{1}},
		{&s.RecvBatch, Ints{DefaultRecvBatch}},
		{&s.GOMAXPROCS, Ints{0}},
		{&s.Busy, Ints{0}},
	} {
		if len(*list.ints) == 0 {
			*list.ints = slices.Clone(list.value)
		}
	}
	if len(s.Payload) == 0 {
		s.Payload = Sizes{results.MinPayload}
	}
	if len(s.Capacity) == 0 {
		s.Capacity = Capacities{{}}
	}
	if len(s.BatchDeadline) == 0 {
		s.BatchDeadline = Durations{0}
	}
	for _, list := range []struct {
		words *Strings
		value string
	}{
		{&s.Arrival, results.ArrivalClosed},
		{&s.Item, results.ItemPointer},
		{&s.Allocation, results.AllocationSlab},
		{&s.Sink, results.SinkDiscard},
		{&s.SinkWrite, results.WriteMessage},
		{&s.SinkFrame, results.FrameItem},
		{&s.BusyKind, results.BusySpin},
	} {
		if len(*list.words) == 0 {
			*list.words = Strings{list.value}
		}
	}
	if s.Duration == 0 && s.Messages == 0 {
		s.Duration = s.defaultDuration()
	}
	if s.Reps == 0 {
		s.Reps = DefaultReps
	}
	if s.Timeout == 0 {
		s.Timeout = Duration(trial.DefaultTimeout)
	}
	return s
}

// defaultDuration is long enough for what the scenario is to show.
func (s Scenario) defaultDuration() Duration {
	if !s.opens() {
		return Duration(max(DefaultDuration, stallPeriods*s.Stall.Every))
	}
	return Duration(max(DefaultOffer, stallPeriods*s.Stall.Every))
}

// stallPeriods is how many stalls a trial of default length has.
const stallPeriods = 4

// Opens reports whether the scenario or one of its variants has an open loop.
func (s Scenario) Opens() bool {
	return slices.ContainsFunc(s.variants(), Scenario.opens)
}

// opens is Opens of a scenario without variants.
func (s Scenario) opens() bool {
	return slices.ContainsFunc(s.Arrival, func(a string) bool { return a != results.ArrivalClosed })
}
