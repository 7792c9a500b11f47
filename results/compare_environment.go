package results

import (
	"fmt"
	"strconv"
)

// Difference is a condition that two runs do not share. An empty text means that
// there is none, or that it could not be read.
type Difference struct {
	What string `json:"what"`
	Base string `json:"base"`
	New  string `json:"new"`
}

func (d Difference) String() string {
	return fmt.Sprintf("%s: %s in BASE, %s in NEW", d.What, orNone(d.Base), orNone(d.New))
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return strconv.Quote(text)
}

// conditions lists what must be the same for numbers of two runs to be comparable.
// Load and the cost of a clock reading are not among them: they are measured,
// never the same twice, and a high load is a warning of its own.
func conditions() []struct {
	what  string
	value func(*Manifest) string
} {
	return []struct {
		what  string
		value func(*Manifest) string
	}{
		{"CPU", func(m *Manifest) string { return m.Environment.CPU }},
		{"cores", func(m *Manifest) string { return positive(m.Environment.Cores) }},
		{"GOMAXPROCS", func(m *Manifest) string { return positive(m.Environment.GOMAXPROCS) }},
		{"Go version", func(m *Manifest) string { return m.Environment.Go }},
		{"GOEXPERIMENT", func(m *Manifest) string { return m.Environment.GOEXPERIMENT }},
		{"GOGC", func(m *Manifest) string { return m.Environment.GOGC }},
		{"operating system", func(m *Manifest) string { return m.Environment.OS }},
		{"architecture", func(m *Manifest) string { return m.Environment.Arch }},
		{"kernel", func(m *Manifest) string { return m.Environment.Kernel }},
		{"virtualization", func(m *Manifest) string { return m.Environment.Virtual }},
		{"governor", func(m *Manifest) string { return m.Environment.Governor }},
		{"CPU quota", func(m *Manifest) string { return decimal(m.Environment.CgroupCPUs) }},
		{"memory", func(m *Manifest) string { return sized(float64(m.Environment.MemoryBytes)) }},
		{"clock", func(m *Manifest) string { return m.Environment.Clock }},
		{"isolation", func(m *Manifest) string { return m.Isolation }},
		{"memory limit", func(m *Manifest) string { return sized(float64(m.MemoryLimit)) }},
	}
}

// sized writes a size that is absent at 0.
func sized(n float64) string {
	if n == 0 {
		return ""
	}
	return Bytes(n)
}

// differences lists the conditions that two runs do not share.
func differences(base, next *Manifest) []Difference {
	var out []Difference
	for _, c := range conditions() {
		if b, n := oneLine(c.value(base)), oneLine(c.value(next)); b != n {
			out = append(out, Difference{c.what, b, n})
		}
	}
	return out
}
