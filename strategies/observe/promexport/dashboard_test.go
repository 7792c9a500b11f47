package promexport_test

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/fanin-bench/fanin-bench/strategies/observe"
	"github.com/fanin-bench/fanin-bench/strategies/observe/promexport"
)

// dashboard is what the test looks at of Grafana's format.
type dashboard struct {
	Title  string
	Panels []struct {
		ID      int
		Title   string
		Type    string
		GridPos struct{ X, Y, W, H int }
		Targets []struct{ Expr, LegendFormat string }
	}
	Templating struct {
		List []struct {
			Name       string
			Definition string
		}
	}
}

// exported is the names of all metrics of a collector. A Desc tells its name in its text only.
func exported() []string {
	descs := make(chan *prometheus.Desc, 100)
	promexport.NewCollector(new(observe.Set)).Describe(descs)
	close(descs)
	var names []string
	for desc := range descs {
		names = append(names, regexp.MustCompile(`fqName: "([^"]*)"`).FindStringSubmatch(desc.String())[1])
	}
	return names
}

// metricsOf parses an expression, in which Grafana has replaced its variables, and returns the
// metrics in it, each of whose selectors must choose by fan-in.
func metricsOf(t *testing.T, expression string) []string {
	t.Helper()
	parsed, err := metricsql.Parse(strings.NewReplacer("$__rate_interval", "1m", "$fanin", ".*").Replace(expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	var names []string
	metricsql.VisitAll(parsed, func(e metricsql.Expr) {
		selector, ok := e.(*metricsql.MetricExpr)
		if !ok {
			return
		}
		var labels []string
		for _, f := range selector.LabelFilterss[0] {
			labels = append(labels, f.Label)
			if f.Label == "__name__" {
				names = append(names, f.Value)
			}
		}
		if !slices.Contains(labels, "fanin") {
			t.Errorf("%s: it does not choose by fan-in", expression)
		}
	})
	return names
}

// TestDashboard holds the dashboard against the collector: it asks for all that is exported,
// and for nothing else; its expressions can be parsed, and its panels do not overlap.
func TestDashboard(t *testing.T) {
	text, err := os.ReadFile("../grafana/fanins.json")
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	shown, cells, ids := make(map[string]bool), make(map[[2]int]string), make(map[int]bool)
	for _, p := range d.Panels {
		if p.Title == "" || len(p.Targets) == 0 || ids[p.ID] {
			t.Errorf("panel %q with %d targets has ID %d; want a title, targets and an ID of its own", p.Title, len(p.Targets), p.ID)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			if !strings.Contains(target.LegendFormat, "{{fanin}}") {
				t.Errorf("panel %q: the legend %q does not name the fan-in", p.Title, target.LegendFormat)
			}
			for _, name := range metricsOf(t, target.Expr) {
				shown[name] = true
				if counter := strings.HasSuffix(name, "_total"); counter != strings.Contains(target.Expr, "rate("+name) {
					t.Errorf("%s: a counter is shown by its rate, and nothing else is", target.Expr)
				}
			}
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := cells[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("panel %q is upon %q or beyond the edge", p.Title, other)
				}
				cells[[2]int{x, y}] = p.Title
			}
		}
	}
	names, want := slices.Sorted(maps.Keys(shown)), slices.Sorted(slices.Values(exported()))
	if !slices.Equal(names, want) {
		t.Errorf("the dashboard shows\n%v\nand the collector exports\n%v", names, want)
	}
	for _, v := range d.Templating.List {
		if v.Name != "fanin" {
			continue
		}
		of := regexp.MustCompile(`^label_values\((\w+), fanin\)$`).FindStringSubmatch(v.Definition)
		if of == nil || !slices.Contains(want, of[1]) {
			t.Errorf("the variable fanin is %q, of no metric that is exported", v.Definition)
		}
	}
}
