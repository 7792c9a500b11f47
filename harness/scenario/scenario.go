package scenario

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Scenario says what a run varies and how long it takes. Lists are multiplied
// out. Parameters of cells are in Values. The sections are embedded, so that their fields
// are the scenario's own; the field tags are the YAML names, and those of the sections'
// fields are also the names of the command line's flags.
type Scenario struct {
	Name  string `yaml:"name"`
	About string `yaml:"about"` // the question it answers

	Values Values

	QueueSection `yaml:"queue"`
	RunSection   `yaml:"run"`

	// Variants are run side by side instead of the scenario itself.
	Variants Variants `yaml:"variants"`
}

// QueueSection is which fan-ins there are between producers and consumer.
type QueueSection struct {
	Strategies Strings `yaml:"strategies"` // names, also of groups; with a ? only if known; empty means the default group
	Probe      bool    `yaml:"probe"`      // also measure each strategy at rest
}

// RunSection is how long it all takes, and on how much of the machine.
type RunSection struct {
	Reps int `yaml:"reps"` // trials per cell

	// Either is set: how long a trial's measured part lasts, about (its message
	// count is chosen by the rate of the warm-up), or how many messages it has.
	Duration Duration `yaml:"duration"`
	Messages int64    `yaml:"messages"`

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

const builtInExtension = ".yaml"

// The scenarios that run when none is named.
const (
	Default = "portfolio"
	// Plain is what values of parameters are laid over: a question of one's own, where
	// Default has several.
	Plain = "sweep"
)

// Unnamed returns the name of the scenario that runs when none is named, and some keys are
// given.
func Unnamed(given func(key string) bool) string {
	keys := []string{"messages", "probe"}
	for _, p := range Parameters() {
		keys = append(keys, p.Name)
	}
	if slices.ContainsFunc(keys, given) {
		return Plain
	}
	return Default
}

// BuiltIn returns the built-in scenarios by name.
func BuiltIn() ([]Scenario, error) {
	names, err := builtInNames()
	if err != nil {
		return nil, err
	}
	all := make([]Scenario, len(names))
	for i, name := range names {
		if all[i], err = readBuiltIn(name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// builtInNames lists the built-in scenarios, each of which is named as its file is.
func builtInNames() ([]string, error) {
	entries, err := builtIn.ReadDir("scenarios")
	if err != nil {
		return nil, fmt.Errorf("reading the built-in scenarios: %w", err)
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = strings.TrimSuffix(entry.Name(), builtInExtension)
	}
	return names, nil
}

func readBuiltIn(name string) (Scenario, error) {
	file := name + builtInExtension
	data, err := builtIn.ReadFile(path.Join("scenarios", file))
	if err != nil {
		return Scenario{}, fmt.Errorf("reading the built-in scenarios: %w", err)
	}
	return Parse(file, data)
}

// maxScenarioBytes bounds a scenario file.
const maxScenarioBytes = 1 << 20

// Load returns the built-in scenario of that name or else reads the file.
func Load(nameOrFile string) (Scenario, error) {
	names, err := builtInNames()
	if err != nil {
		return Scenario{}, err
	}
	if slices.Contains(names, nameOrFile) {
		return readBuiltIn(nameOrFile)
	}
	info, err := os.Stat(nameOrFile)
	if errors.Is(err, os.ErrNotExist) {
		return Scenario{}, fmt.Errorf("%w, or a file that exists", pick.Unknown("scenario", nameOrFile, names))
	}
	if err == nil && info.IsDir() {
		return Scenario{}, fmt.Errorf("%q is a directory, not a scenario file", nameOrFile)
	}
	if err != nil {
		return Scenario{}, fmt.Errorf("reading a scenario: %w", err)
	}
	data, err := readBounded(nameOrFile)
	if err != nil {
		return Scenario{}, fmt.Errorf("reading a scenario: %w", err)
	}
	return Parse(nameOrFile, data)
}

// readBounded reads the file of a scenario, which may also be a pipe, or a device that
// never ends.
func readBounded(file string) ([]byte, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, maxScenarioBytes+1))
	if err == nil && len(data) > maxScenarioBytes {
		err = fmt.Errorf("%s: a scenario has at most %d bytes", file, maxScenarioBytes)
	}
	return data, err
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

// Defaults of a scenario.
const (
	DefaultReps     = 10
	DefaultDuration = 400 * time.Millisecond // of a closed loop
	DefaultOffer    = 2 * time.Second        // of an open loop: rare delays need time to show
)

// WithDefaults fills in what was left out. A memory limit of 0 stays: it means
// none.
func (s Scenario) WithDefaults() Scenario {
	for _, p := range Parameters() {
		if p.Default == "" || len(s.Values[p.Name]) > 0 {
			continue
		}
		if err := s.Values.Set(p.Name, p.Default); err != nil {
			panic(fmt.Sprintf("the default of parameter %s: %v", p.Name, err))
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
	stalls := stallPeriods * time.Duration(s.Values.one("stall").StallEveryNs)
	if !s.opens() {
		return Duration(max(DefaultDuration, stalls))
	}
	return Duration(max(DefaultOffer, stalls))
}

// stallPeriods is how many stalls a trial of default length has.
const stallPeriods = 4

// Opens reports whether the scenario or one of its variants has an open loop.
func (s Scenario) Opens() bool {
	return slices.ContainsFunc(s.variants(), Scenario.opens)
}

// opens is Opens of a scenario without variants.
func (s Scenario) opens() bool {
	return slices.ContainsFunc(s.Values["arrival"], results.Cell.IsOpen)
}
