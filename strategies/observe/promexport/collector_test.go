package promexport_test

import (
	"io"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/observe"
	"github.com/fanin-bench/fanin-bench/strategies/observe/internal/observetest"
	"github.com/fanin-bench/fanin-bench/strategies/observe/promexport"
)

// registry returns a registry that has a collector of set.
func registry(set *observe.Set) *prometheus.Registry {
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(promexport.NewCollector(set))
	return r
}

// TestCollects compares a scrape, to the letter, with what must come of one fan-in that
// counts and of one that does not.
func TestCollects(t *testing.T) {
	var set observe.Set
	counts := strategies.NewMutexCond[int](strategies.Options{Capacity: 2, Policy: strategies.DropNewest})
	doesNot := strategies.NewChan[int](strategies.Options{Capacity: 1})
	for name, f := range map[string]strategies.FanIn[int]{"counts": counts, "does not": doesNot} {
		if err := set.Add(name, f); err != nil {
			t.Fatal(err)
		}
	}
	full := doesNot.Producer()
	defer full.Close()
	for _, want := range []error{nil, strategies.ErrFull} {
		if err := full.TrySend(1); err != want {
			t.Fatalf("TrySend returned %v; want %v", err, want)
		}
	}
	p := counts.Producer()
	defer p.Close()
	if _, err := p.SendBatch([]int{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	if _, err := counts.Consumer().Recv(make([]int, 1)); err != nil {
		t.Fatal(err)
	}
	const want = `
# HELP fanin_accepted_items_total Items whose sends succeeded, those that were dropped later among them.
# TYPE fanin_accepted_items_total counter
fanin_accepted_items_total{fanin="counts"} 3
# HELP fanin_backlog_items Items that wait for the consumer.
# TYPE fanin_backlog_items gauge
fanin_backlog_items{fanin="counts"} 1
fanin_backlog_items{fanin="does not"} 1
# HELP fanin_delivered_items_total Items that the consumer has received.
# TYPE fanin_delivered_items_total counter
fanin_delivered_items_total{fanin="counts"} 1
# HELP fanin_dropped_items_total Items that the overflow policy threw away.
# TYPE fanin_dropped_items_total counter
fanin_dropped_items_total{fanin="counts"} 1
fanin_dropped_items_total{fanin="does not"} 0
# HELP fanin_rejected_items_total Items that were not accepted because there was no room.
# TYPE fanin_rejected_items_total counter
fanin_rejected_items_total{fanin="counts"} 0
fanin_rejected_items_total{fanin="does not"} 1
`
	names := []string{
		"fanin_accepted_items_total", "fanin_backlog_items", "fanin_delivered_items_total", "fanin_dropped_items_total", "fanin_rejected_items_total",
		"fanin_blocked_seconds_total",
	}
	if err := testutil.GatherAndCompare(registry(&set), strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
}

// TestBlocked scrapes the time of a wait that is not over.
func TestBlocked(t *testing.T) {
	var set observe.Set
	least := observetest.Blocked(t, &set, "jobs").Seconds()
	families, err := registry(&set).Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "fanin_blocked_seconds_total" {
			continue
		}
		if got := family.GetMetric()[0].GetCounter().GetValue(); got < least || got > 60 {
			t.Errorf("blocked are %v s; want at least %v", got, least)
		}
		return
	}
	t.Error("there is no fanin_blocked_seconds_total")
}

// TestEveryStrategy scrapes fan-ins of all strategies at work, several scrapes at once,
// and once more after all has ended. Names and helps must please Prometheus' own linter.
func TestEveryStrategy(t *testing.T) {
	var set observe.Set
	var scrapes sync.WaitGroup
	work := observetest.AtWork(t, &set)
	r := registry(&set)
	for range 2 {
		scrapes.Go(func() {
			for range 5 {
				scrape(t, r)
			}
		})
	}
	work.Wait()
	scrapes.Wait()
	text := scrape(t, r)
	for _, s := range strategies.All() {
		if !strings.Contains(text, `fanin_backlog_items{fanin="`+s.Name+`"} 0`) {
			t.Errorf("%s has no backlog of 0 after the end", s.Name)
		}
		if s.Name == "lanes-ring" && !strings.Contains(text, `fanin_delivered_items_total{fanin="lanes-ring"} 1000`) {
			t.Error("lanes-ring has not delivered 1000")
		}
	}
	problems, err := testutil.GatherAndLint(r)
	if err != nil {
		t.Error(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func scrape(t *testing.T, r *prometheus.Registry) string {
	t.Helper()
	response := httptest.NewRecorder()
	promhttp.HandlerFor(r, promhttp.HandlerOpts{}).ServeHTTP(response, httptest.NewRequest("GET", "/metrics", nil))
	body, err := io.ReadAll(response.Result().Body)
	if err != nil || response.Code != 200 {
		t.Errorf("a scrape returned %d, %v: %s", response.Code, err, body)
	}
	return string(body)
}

// TestTwoSets shows how two Sets share a registry, and that they do not by accident.
func TestTwoSets(t *testing.T) {
	var first, second observe.Set
	f := strategies.NewMutexCond[int](strategies.Options{})
	for _, set := range []*observe.Set{&first, &second} {
		if err := set.Add("jobs", f); err != nil {
			t.Fatal(err)
		}
	}
	r := registry(&first)
	if err := r.Register(promexport.NewCollector(&second)); err == nil {
		t.Error("a registry took two collectors of the same metrics")
	}
	r = prometheus.NewPedanticRegistry()
	prometheus.WrapRegistererWith(prometheus.Labels{"part": "first"}, r).MustRegister(promexport.NewCollector(&first))
	prometheus.WrapRegistererWith(prometheus.Labels{"part": "second"}, r).MustRegister(promexport.NewCollector(&second))
	if n, err := testutil.GatherAndCount(r, "fanin_backlog_items"); n != 2 || err != nil {
		t.Errorf("two Sets of one fan-in each gave %d samples of the backlog, %v", n, err)
	}
}
