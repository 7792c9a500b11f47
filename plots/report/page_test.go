package report

import (
	"encoding/base64"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

var (
	keep   = flag.String("keep", "", "a directory to leave screenshots of the page in, to be looked at")
	lookAt = flag.String("run-dir", "", "the run directory whose page -keep is about; default a synthetic one")
)

// example is a run with something for every part of the page.
func example() *results.Run {
	run := resultstest.Run(resultstest.Config{
		Strategies: 6, Producers: []int{1, 16, 256}, Samples: 1500, Loads: []float64{0.3, 0.6, 0.9}, Closed: true, Probe: true,
		Fails: func(x resultstest.Trial) bool { return x.Strategy == "lanes" && x.Producers == 256 },
	})
	run.Manifest.Strategies[5].Module = "example.org/queue@v1.2.3"
	run.Manifest.Strategies[5].Lacks = map[string]string{"park": "it polls"}
	return run
}

// pageFile writes the page of a run and returns its address.
func pageFile(t *testing.T, run *results.Run) string {
	t.Helper()
	return fileOf(t, page(t, run))
}

// fileOf writes a page and returns its address.
func fileOf(t *testing.T, page string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), IndexFile)
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// examplePage and hostilePage are made once for all tests.
var (
	examplePage = sync.OnceValues(func() (string, error) { return pageOf(example()) })
	hostilePage = sync.OnceValues(func() (string, error) { return pageOf(hostileRun()) })
)

func TestPageInChromium(t *testing.T) {
	t.Parallel()
	b := startBrowser(t)
	address := fileOf(t, made(t, examplePage))
	b.open(address)
	t.Run("filters", func(t *testing.T) { b.t = t; checkFilters(t, b) })
	t.Run("sorting", func(t *testing.T) { b.t = t; checkSorting(t, b) })
	t.Run("values", func(t *testing.T) { b.t = t; checkValues(t, b) })
	t.Run("width", func(t *testing.T) { b.t = t; checkWidth(t, b) })
	b.t = t
	if wrong := b.complaints(address); len(wrong) > 0 {
		t.Errorf("the page: %q", wrong)
	}
}

// shown lists the strategies that can be seen in a part of the page.
const shown = `(part => [...new Set([...document.querySelectorAll(part + " [data-strategy]")]
	.filter(e => e.getClientRects().length).map(e => e.dataset.strategy))].sort())`

const choose = `((name, value) => {
	const field = document.querySelector("#filters [name=" + name + "]");
	field.value = value;
	field.dispatchEvent(new Event("change", {bubbles: true}));
})`

func checkFilters(t *testing.T, b *browser) {
	all := []string{"chan", "chan-unbounded", "lanes", "mutex-swap", "null", "strategy-5"}
	unbounded := []string{"chan-unbounded", "lanes", "mutex-swap", "null", "strategy-5"}
	expect := func(what string, want []string) {
		t.Helper()
		for _, part := range []string{"#strategies", "figure[id^=throughput]", "#tables"} {
			var got []string
			if b.eval(shown+`("`+part+`")`, &got); !slices.Equal(got, want) {
				t.Errorf("%s: %s shows %q, want %q", what, part, got, want)
			}
		}
	}
	expect("at first", all)
	b.eval(choose+`("family", "channels")`, nil)
	expect("channels", []string{"chan", "chan-unbounded"})
	b.eval(choose+`("bound", "unbounded")`, nil)
	expect("unbounded channels", []string{"chan-unbounded"})
	b.eval(choose+`("family", "")`, nil)
	expect("unbounded", unbounded)
	var classes []string
	const heads = `[...document.querySelectorAll("#answers thead th[data-bound]")].filter(e => e.getClientRects().length).map(e => e.dataset.bound)`
	if b.eval(heads, &classes); len(classes) == 0 || slices.Contains(classes, "bounded") {
		t.Errorf("unbounded: the answers are about %q", classes)
	}
	b.eval(choose+`("origin", "peer")`, nil)
	expect("unbounded peers", []string{"strategy-5"})
	b.eval(`document.querySelector("#filters [type=reset]").click()`, nil)
	b.wait(`document.querySelector("#filters output").textContent.startsWith("6 of 6")`)
	expect("after a reset", all)
	b.eval(`document.querySelector("#filters [name=strategy][value=chan]").click()`, nil)
	var answers string
	const text = `[...document.querySelectorAll(".verdict")].map(answer => answer.innerText).join("\n") + "\n"`
	if b.eval(text, &answers); regexp.MustCompile(`\bchan\b[^-]`).MatchString(answers) || !strings.Contains(answers, "The filters hide what is best here.") {
		t.Errorf("without chan the answers are %q", answers)
	}
	expect("without chan", slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == "chan" }))
	b.eval(choose+`("producers", "16")`, nil)
	var said string
	b.eval(`document.querySelector("#filters output").textContent`, &said)
	b.eval(choose+`("producers", "1")`, nil)
	if b.wait(`document.querySelector("#filters output").textContent.endsWith(" at 1 producer")`); !strings.HasSuffix(said, " at 16 producers") {
		t.Errorf("the filters say %q", said)
	}
	b.eval(choose+`("producers", "16")`, nil)
	var counts []string
	const columns = `[...new Set([...document.querySelectorAll("main [data-producers]")].filter(e => e.getClientRects().length).map(e => e.dataset.producers))]`
	if b.eval(columns, &counts); !slices.Equal(counts, []string{"16"}) {
		t.Errorf("producers 16: shown are those of %q", counts)
	}
	b.eval(`document.querySelector("#filters [type=reset]").click()`, nil)
	b.wait(`document.querySelector("#filters output").textContent.startsWith("6 of 6")`)
}

func checkSorting(t *testing.T, b *browser) {
	const table = `document.querySelector("#tables table")`
	const column = `[...` + table + `.tBodies[0].rows].map(row => parseFloat(row.cells[1].textContent))`
	b.eval(table+`.tHead.rows[0].cells[1].querySelector("button").focus()`, nil)
	for _, want := range []string{"ascending", "descending"} {
		b.key("Enter")
		var sort string
		if b.eval(table+`.tHead.rows[0].cells[1].getAttribute("aria-sort")`, &sort); sort != want {
			t.Errorf("aria-sort is %q, want %q", sort, want)
		}
		var got []float64
		b.eval(column, &got)
		sorted := slices.Sorted(slices.Values(got))
		if want == "descending" {
			slices.Reverse(sorted)
		}
		if len(got) != 6 || !slices.Equal(got, sorted) {
			t.Errorf("%s: the column is %v", want, got)
		}
	}
	// The numbers are the cells' own: what they show is for people.
	var own []float64
	b.eval(`(() => {
		for (const cell of `+table+`.querySelectorAll("td")) cell.textContent = "a word";
		`+table+`.tHead.rows[0].cells[2].querySelector("button").click();
		return [...`+table+`.tBodies[0].rows].map(row => Number(row.cells[2].dataset.value));
	})()`, &own)
	if len(own) != 6 || !slices.IsSorted(own) || own[0] < 1e5 {
		t.Errorf("without their texts the cells are sorted as %v; want messages per second, ascending", own)
	}
	// Times of several units, and one that is missing at the end either way.
	const times = `(() => {
		const t = [...document.querySelectorAll("#tables h3")].find(h => h.textContent.startsWith("Transit")).nextElementSibling.nextElementSibling;
		const button = t.querySelectorAll("thead button")[3];
		button.click(); button.click();
		return [...t.querySelectorAll("tbody tr")].map(row => row.cells[3].textContent);
	})()`
	var got []string
	if b.eval(times, &got); len(got) < 3 || got[len(got)-1] != "failed" && got[len(got)-1] != "–" {
		t.Errorf("sorted downwards, the column is %q", got)
	}
}

func checkValues(t *testing.T, b *browser) {
	const tip = `document.getElementById("tip").hidden ? "" : document.getElementById("tip").textContent`
	var place struct{ X, Y float64 }
	b.eval(`(() => {
		const f = document.querySelector("figure[id^=throughput]");
		f.scrollIntoView();
		const m = JSON.parse(f.querySelector("script").textContent);
		const [x, y] = m.points.find(p => m.series[p[2]][0] === "chan");
		const at = new DOMPoint(x, y).matrixTransform(f.querySelector("svg").getScreenCTM());
		return {x: at.x + 3, y: at.y - 2};
	})()`, &place)
	b.call("Input.dispatchMouseEvent", map[string]any{"type": "mouseMoved", "x": place.X, "y": place.Y}, nil)
	var got string
	b.wait(`(` + tip + `).startsWith("chan\n1 producer: ")`)
	b.call("Input.dispatchMouseEvent", map[string]any{"type": "mouseMoved", "x": 2, "y": 2}, nil)
	b.wait(`document.getElementById("tip").hidden`)
	b.eval(`document.querySelector("figure[id^=throughput] .plot").focus()`, nil)
	b.key("ArrowRight")
	b.eval(tip, &got)
	first := got
	b.key("ArrowRight")
	if b.eval(tip, &got); first == "" || got == "" || got == first {
		t.Errorf("the arrow key went from %q to %q", first, got)
	}
	b.key("Escape")
	b.wait(`document.getElementById("tip").hidden`)
}

// On a telephone nothing but tables and figures, which have a scroll bar of their
// own, is wider than the screen.
func checkWidth(t *testing.T, b *browser) {
	b.size(375, 800)
	var width int
	if b.eval("document.documentElement.scrollWidth", &width); width > 375 {
		t.Errorf("on 375 pixels the page is %d wide", width)
	}
	b.size(1100, 900)
}

// TestKeepScreenshots leaves the page to be looked at by a person:
// go test ./plots/report -run Keep -keep /tmp/look [-run-dir out/latest]
func TestKeepScreenshots(t *testing.T) {
	t.Parallel()
	if *keep == "" {
		t.Skip("-keep is not given")
	}
	run := example()
	if *lookAt != "" {
		opened, err := results.Open(*lookAt)
		if err != nil {
			t.Fatal(err)
		}
		run = opened
	}
	if err := os.MkdirAll(*keep, 0o755); err != nil {
		t.Fatal(err)
	}
	b := startBrowser(t)
	b.open(pageFile(t, run))
	for _, shot := range []struct {
		name, scheme string
		width        int
	}{{"light", "light", 1100}, {"dark", "dark", 1100}, {"narrow", "light", 390}} {
		b.size(shot.width, 900)
		b.call("Emulation.setEmulatedMedia", map[string]any{
			"features": []map[string]string{{"name": "prefers-color-scheme", "value": shot.scheme}},
		}, nil)
		var height int
		b.eval("document.documentElement.scrollHeight", &height)
		b.size(shot.width, height)
		save(t, b, "Page.captureScreenshot", nil, shot.name+".png")
	}
	save(t, b, "Page.printToPDF", map[string]any{"printBackground": false}, "print.pdf")
}

func save(t *testing.T, b *browser, method string, params map[string]any, name string) {
	t.Helper()
	var got struct{ Data string }
	b.call(method, params, &got)
	data, err := base64.StdEncoding.DecodeString(got.Data)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*keep, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}
