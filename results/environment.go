package results

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// facts lists what makes an environment another one, as text. What is measured
// anew by every run (load, clock cost) is not among it, nor is the program itself.
func (e Environment) facts() [][2]string {
	number := func(n float64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatFloat(n, 'g', 6, 64)
	}
	// A kernel takes some memory before it counts it: whole GiB.
	memory := ""
	if e.MemoryBytes > 0 {
		memory = fmt.Sprintf("%d GiB", (e.MemoryBytes+1<<29)>>30)
	}
	return [][2]string{
		{"CPU", oneLine(e.CPU)},
		{"cores", number(float64(e.Cores))},
		{"GOMAXPROCS", number(float64(e.GOMAXPROCS))},
		{"Go", oneLine(e.Go)},
		{"GOEXPERIMENT", oneLine(e.GOEXPERIMENT)},
		{"GOGC", oneLine(e.GOGC)},
		{"OS", oneLine(e.OS)},
		{"architecture", oneLine(e.Arch)},
		{"kernel", oneLine(e.Kernel)},
		{"virtualization", oneLine(e.Virtual)},
		{"governor", oneLine(e.Governor)},
		{"cgroup CPUs", number(e.CgroupCPUs)},
		{"memory", memory},
		{"clock", oneLine(e.Clock)},
	}
}

// Changes lists in what an environment differs from an earlier one, as "Go go1.25
// -> go1.26". It is empty if results of both may be put side by side.
func (e Environment) Changes(earlier Environment) []string {
	var changes []string
	before := earlier.facts()
	for i, fact := range e.facts() {
		if was := before[i][1]; was != fact[1] {
			changes = append(changes, fmt.Sprintf("%s %s -> %s", fact[0], cmp.Or(was, "unknown"), cmp.Or(fact[1], "unknown")))
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
