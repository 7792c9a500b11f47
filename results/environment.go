package results

import (
	"cmp"
	"fmt"
	"strings"
)

// Fact is something that is known of where a run was made.
type Fact struct {
	Name string
	Text string // one line; empty if it is not known
	// Condition says that numbers of runs which differ in it do not compare. What
	// every run measures anew is none, for it is never the same twice, and neither
	// is the commit: runs are compared to tell commits apart.
	Condition bool
}

// Facts lists everything that there is to know of an environment, in the order in
// which people read it.
func (e Environment) Facts() []Fact {
	condition := func(name, text string) Fact { return Fact{name, oneLine(text), true} }
	// A kernel takes some memory before it counts it: whole GiB.
	memory := ""
	if e.MemoryBytes > 0 {
		memory = fmt.Sprintf("%d GiB", (e.MemoryBytes+1<<29)>>30)
	}
	return []Fact{
		condition("CPU", e.CPU),
		condition("cores", positive(e.Cores)),
		condition("GOMAXPROCS", positive(e.GOMAXPROCS)),
		condition("Go", e.Go),
		condition("GOEXPERIMENT", e.GOEXPERIMENT),
		condition("GOGC", e.GOGC),
		condition("system", e.OS),
		condition("architecture", e.Arch),
		condition("kernel", e.Kernel),
		condition("virtualization", e.Virtual),
		condition("governor", e.Governor),
		condition("CPU quota", decimal(e.CgroupCPUs)),
		condition("memory", memory),
		condition("clock", e.Clock),
		{"clock reading", unlessZero(e.ClockNs, Nanoseconds), false},
		{"load at the start", unlessZero(e.Load1, Significant), false},
		{"commit", oneLine(e.Commit), false},
	}
}

// unlessZero writes a number that is absent at 0.
func unlessZero(v float64, text func(float64) string) string {
	if v == 0 {
		return ""
	}
	return text(v)
}

// Changes lists in what an environment differs from an earlier one, as "Go go1.25
// -> go1.26". It is empty if results of both may be put side by side.
func (e Environment) Changes(earlier Environment) []string {
	var changes []string
	before := earlier.Facts()
	for i, fact := range e.Facts() {
		if was := before[i].Text; fact.Condition && was != fact.Text {
			changes = append(changes, fmt.Sprintf("%s %s -> %s", fact.Name, cmp.Or(was, "unknown"), cmp.Or(fact.Text, "unknown")))
		}
	}
	return changes
}

// label names a machine after its processor and cores, in what checkName allows:
// "Xeon-Platinum-8370C-4c".
func (e Environment) label() string {
	var words []string
	for _, word := range strings.FieldsFunc(e.CPU, func(r rune) bool { return !isNameRune(r) }) {
		switch lower := strings.ToLower(word); {
		case lower == "r", lower == "tm", lower == "cpu", lower == "processor", lower == "intel", lower == "amd",
			strings.HasSuffix(lower, "ghz"), strings.HasSuffix(lower, "-core"):
			continue // on every label, or told by the cores
		}
		words = append(words, word)
	}
	const longest = 40 // leaves room for what tells two of a kind apart
	name := strings.Join(words, "-")
	if name == "" {
		name = cmp.Or(nameOf(e.OS+"-"+e.Arch), "machine")
	}
	return fmt.Sprintf("%s-%dc", name[:min(len(name), longest)], e.Cores)
}

// nameOf drops what checkName does not allow.
func nameOf(text string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if isNameRune(r) {
			return r
		}
		return -1
	}, text), "-")
}
