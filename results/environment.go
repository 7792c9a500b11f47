package results

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/results/sheet"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// Fact is something that is known of where a run was made.
type Fact struct {
	Name string
	Text string // one line; may be empty
	Kind FactKind

	empty  string // what an empty text says
	unread bool   // it is not known, as in a run of an older program: then it differs from nothing
}

// word is the text where there has to be one.
func (f Fact) word() string { return cmp.Or(f.Text, f.empty) }

// FactKind says what it means that a fact is not the same.
type FactKind int

const (
	// Observed is what every run measures anew: it is never the same twice.
	Observed FactKind = iota
	// Condition is what numbers that are compared must share.
	Condition
	// Program is which program was measured. Runs are compared to tell programs apart,
	// but one run is of one.
	Program
)

// Facts lists everything that there is to know of an environment, in the order in
// which people read it. Whatever compares environments goes by this list.
func (e Environment) Facts() []Fact {
	// A kernel takes some memory before it counts it: whole GiB.
	memory := ""
	if e.MemoryBytes > 0 {
		memory = fmt.Sprintf("%d GiB", (e.MemoryBytes+1<<29)>>30)
	}
	settings, build, limits := cmp.Or(e.Settings, &Settings{}), cmp.Or(e.Build, &Build{}), cmp.Or(e.Limits, &Limits{})
	of := func(kind FactKind, name, text string) Fact { return Fact{name, text, kind, "unknown", false} }
	condition := func(name, text string) Fact { return of(Condition, name, text) }
	// These are absent where there is none, if they were read at all.
	set := func(name, text string) Fact { return Fact{name, text, Condition, "none", e.Settings == nil} }
	built := func(name, text string) Fact { return Fact{name, text, Condition, "none", e.Build == nil} }
	limit := func(name, text string, read bool) Fact {
		return Fact{name, text, Condition, "none", !read && text == ""}
	}
	program := func(name, text string) Fact { return Fact{name, text, Program, "unknown", text == ""} }
	facts := []Fact{
		condition("CPU", e.CPU),
		condition("cores", units.Positive(e.Cores)),
		limit("CPU set", limits.CPUs, false),
		condition("GOMAXPROCS", units.Positive(e.GOMAXPROCS)),
		condition("Go", e.Go),
		condition("GOEXPERIMENT", e.GOEXPERIMENT),
		condition("GOGC", e.GOGC),
		set("GOMEMLIMIT", units.ExactBytes(settings.MemoryLimit)),
		set("GODEBUG", settings.Debug),
		built("default GODEBUG", build.Debug),
		condition("system", e.OS),
		condition("architecture", e.Arch),
		built("architecture level", build.Level),
		built("instrumentation", build.Instrumented),
		built("build flags", build.Flags),
		built("build tags", build.Tags),
		built("cgo", ifTrue(build.CGO, "enabled")),
		built("PGO profile", build.PGO),
		condition("kernel", e.Kernel),
		condition("virtualization", e.Virtual),
		condition("governor", e.Governor),
		limit("CPU quota", units.Decimal(e.CgroupCPUs), e.Limits != nil),
		condition("memory", memory),
		limit("cgroup memory limit", units.ExactBytes(limits.MemoryBytes), e.Limits != nil),
		condition("clock", e.Clock),
		of(Observed, "clock reading", units.UnlessZero(e.ClockNs, units.Nanoseconds)),
		of(Observed, "load at the start", units.UnlessZero(e.Load1, units.Significant)),
		program("commit", e.Commit),
		program("build", build.ID),
	}
	for i := range facts {
		facts[i].Text = sheet.OneLine(facts[i].Text)
	}
	return facts
}

func ifTrue(yes bool, text string) string {
	if yes {
		return text
	}
	return ""
}

// Changes lists in what an environment differs from an earlier one, as "Go go1.25
// -> go1.26". It is empty if results of both may be put side by side.
func (e Environment) Changes(earlier Environment) []string {
	var changes []string
	for _, pair := range differing(earlier.Facts(), e.Facts(), Condition) {
		changes = append(changes, pair.change())
	}
	return changes
}

// Label names a machine after its processor and cores, in what checkName allows:
// "Xeon-Platinum-8370C-4c".
func (e Environment) Label() string {
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
		name = cmp.Or(NameOf(e.OS+"-"+e.Arch), "machine")
	}
	return fmt.Sprintf("%s-%dc", name[:min(len(name), longest)], e.Cores)
}

// NameOf drops what checkName does not allow.
func NameOf(text string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if isNameRune(r) {
			return r
		}
		return -1
	}, text), "-")
}

// conditions lists what must be the same for numbers of two runs to be comparable:
// where they were made, and how; and which program was measured.
func (m *Manifest) conditions() []Fact {
	return append(m.Environment.Facts(),
		Fact{"isolation", sheet.OneLine(m.Isolation), Condition, "unknown", false},
		Fact{"memory limit", units.UnlessZero(float64(m.MemoryLimit), units.Bytes), Condition, "none", false},
		Fact{"version", sheet.OneLine(m.Version), Program, "unknown", m.Version == ""})
}

// FactPair is a fact that is not the same in two places.
type FactPair struct{ Base, Next Fact }

// change words it as what became of it.
func (p FactPair) change() string {
	return fmt.Sprintf("%s %s -> %s", p.Base.Name, p.Base.word(), p.Next.word())
}

// differing lists those facts of some kinds that are not the same in two lists of the
// same facts.
func differing(base, next []Fact, kinds ...FactKind) []FactPair {
	var pairs []FactPair
	for i, here := range base {
		there := next[i]
		if slices.Contains(kinds, here.Kind) && here.Text != there.Text && !here.unread && !there.unread {
			pairs = append(pairs, FactPair{here, there})
		}
	}
	return pairs
}

// Differing lists the conditions that another run does not share.
func (m *Manifest) Differing(next *Manifest) []FactPair {
	return differing(m.conditions(), next.conditions(), Condition)
}

// ChangesTo lists in what a program, and where it runs, is not as when the run began:
// trials measured there are none of this run. It is empty if they are.
func (m *Manifest) ChangesTo(version string, e Environment) []string {
	now := *m
	now.Version, now.Environment = version, e
	var changes []string
	for _, p := range differing(m.conditions(), now.conditions(), Condition, Program) {
		changes = append(changes, p.change())
	}
	return changes
}

// Headline says in one line where and how a run was made.
func Headline(m *Manifest) string {
	where := m.Environment.String()
	if len(m.Machines) > 0 {
		var names []string
		for _, machine := range m.Machines {
			names = append(names, machine.Name)
		}
		where = units.Plural(len(names), "machine") + ", kept apart: " + strings.Join(names, ", ")
	}
	return strings.Join([]string{where, m.Repetitions(), fmt.Sprintf("seed %d", m.Seed)}, " · ")
}

// String says in a line what a machine is.
func (e Environment) String() string {
	return strings.Join([]string{
		cmp.Or(sheet.OneLine(e.CPU), "unknown CPU"), units.Plural(e.Cores, "core"),
		fmt.Sprintf("GOMAXPROCS %d", e.GOMAXPROCS), strings.TrimSpace(fmt.Sprintf("%s/%s", e.OS, e.Arch)), sheet.OneLine(e.Go),
	}, " · ")
}
