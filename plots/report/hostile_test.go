package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/plots"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// hostile ends every kind of text that it might stand in, and marks itself.
const hostile = `</script></style></svg>--><script>pwned()</script><img src=x onerror=pwned()>"'{{.}}` + "`${pwned()}"

// hostileRun has that text wherever a run directory may hold any.
func hostileRun() *results.Run {
	run := resultstest.Run(resultstest.Config{
		Strategies: 4, Producers: []int{1, 16}, Reps: 6, Samples: 300, Rates: []float64{1e5}, Closed: true, Probe: true,
		Fails: func(x resultstest.Trial) bool { return x.Strategy == "mutex-swap" },
	})
	m := &run.Manifest
	rename := map[string]string{"chan-unbounded": hostile, "mutex-swap": hostile + "2"}
	for i := range m.Strategies {
		s := &m.Strategies[i]
		if name, ok := rename[s.Name]; ok {
			s.Name = name
		}
		s.Doc, s.Order, s.Wait, s.Module = hostile, hostile, hostile, hostile
		s.Policies = []string{hostile}
		s.Lacks = map[string]string{hostile: hostile}
	}
	cell := func(c *results.Cell) {
		if name, ok := rename[c.Strategy]; ok {
			c.Strategy = name
			c.Policy = hostile
		}
		if c.Arrival == "poisson" {
			c.Arrival = hostile
		}
	}
	for i := range m.Cells {
		cell(&m.Cells[i])
	}
	for i := range run.Trials {
		t := &run.Trials[i]
		cell(&t.Cell)
		if t.Failure != nil {
			t.Failure = &results.Failure{Kind: hostile, Detail: hostile, Stderr: hostile}
		} else {
			t.Measurement.Warnings = []string{hostile}
		}
	}
	m.Scenario, m.Command, m.Version, m.Isolation = hostile, []string{hostile}, hostile, hostile
	m.Warnings, run.Warnings = []string{hostile}, []string{hostile}
	e := &m.Environment
	e.CPU, e.Go, e.OS, e.Arch, e.Kernel, e.GOGC, e.Commit, e.Clock, e.Governor = hostile, hostile, hostile, hostile, hostile, hostile, hostile, hostile, hostile
	return run
}

func page(t testing.TB, run *results.Run) string {
	t.Helper()
	return made(t, func() (string, error) { return pageOf(run) })
}

// made returns a page that is made.
func made(t testing.TB, write func() (string, error)) string {
	t.Helper()
	text, err := write()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func pageOf(run *results.Run) (string, error) {
	var out bytes.Buffer
	summary := results.Summarize(run)
	pictures, err := plots.Draw(&run.Manifest, summary, plots.Figures())
	if err == nil {
		err = Write(&out, run, summary, pictures)
	}
	return out.String(), err
}

// pictured makes of a run what its page is made of.
func pictured(t testing.TB, run *results.Run) (*results.Summary, *plots.Pictures) {
	t.Helper()
	summary := results.Summarize(run)
	pictures, err := plots.Draw(&run.Manifest, summary, plots.Figures())
	if err != nil {
		t.Fatal(err)
	}
	return summary, pictures
}

// No text of a run becomes markup or code, wherever it stands: the page has the
// elements and attributes that it has without.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	text := made(t, hostilePage)
	for _, bad := range []string{"<img", "<script>pwned", "</svg>--", "{{.}}{{"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
	if !strings.Contains(text, "&lt;script&gt;pwned()") {
		t.Error("the page does not show the text")
	}
	if scripts, want := strings.Count(text, "<script"), 1+strings.Count(text, "<figure "); scripts != want {
		t.Errorf("the page has %d scripts, want one and the values of each figure, %d", scripts, want)
	}
	if ends := strings.Count(text, "</script"); ends != strings.Count(text, "<script") {
		t.Errorf("%d scripts end", ends)
	}
	if styles := strings.Count(text, "<style") + strings.Count(text, "</style"); styles != 2 {
		t.Errorf("%d marks of styles, want one style", styles)
	}
	data := regexp.MustCompile(`(?s)<script type="application/json">(.*?)</script>`).FindAllStringSubmatch(text, -1)
	seen := false
	for _, d := range data {
		var m marks
		if err := json.Unmarshal([]byte(d[1]), &m); err != nil {
			t.Errorf("the values of a figure do not parse: %v", err)
		}
		for _, s := range m.Series {
			seen = seen || s[1] == hostile
		}
	}
	if !seen {
		t.Error("no figure is about the hostile strategy")
	}
	for _, svg := range regexp.MustCompile(`(?s)<svg .*?</svg>`).FindAllString(text, -1) {
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("an SVG is not well-formed: %v", err)
			}
		}
	}
}

// The browser agrees: nothing runs, nothing is fetched, no element is new.
func TestHostileTextsInChromium(t *testing.T) {
	t.Parallel()
	b := startBrowser(t)
	address := fileOf(t, made(t, hostilePage))
	b.open(address)
	var title, elements string
	if b.eval("document.title", &title); !strings.HasPrefix(title, "</script>") {
		t.Errorf("the title is %q", title)
	}
	b.eval(`[...new Set([...document.querySelectorAll("img, iframe, object, embed, link, base")].map(e => e.localName))].join()`, &elements)
	if elements != "" {
		t.Errorf("the page has elements %s", elements)
	}
	var n int
	b.eval(`document.querySelectorAll("[onerror], [onload], [onclick], [style]").length`, &n)
	if n > 0 {
		t.Errorf("%d elements have handlers or styles", n)
	}
	b.eval(choose+`("producers", "16")`, nil)
	if wrong := b.complaints(address); len(wrong) > 0 {
		t.Errorf("the page: %q", wrong)
	}
}
