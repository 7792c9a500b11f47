package observe_test

import (
	"encoding/json"
	"expvar"
	"fmt"
	"io"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/observe"
	"github.com/fanin-bench/fanin-bench/strategies/observe/internal/observetest"
)

// silent is a fan-in without Stats.
type silent struct {
	strategies.FanIn[strategies.Word]
}

func TestAddRefuses(t *testing.T) {
	var set observe.Set
	f := strategies.NewMutexCond[int](strategies.Options{})
	if err := set.Add("jobs", f); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		fanIn any
		want  string
	}{
		{"", f, "its name is empty"},
		{"\xff", f, `"\xff": its name is not UTF-8`},
		{"none", nil, `"none": it is nil`},
		{"silent", silent{}, `"silent": a observe_test.silent keeps no Stats`},
		{"jobs", f, `"jobs": another has this name`},
	} {
		if err := set.Add(c.name, c.fanIn); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Add(%q) returned %v; want %q in it", c.name, err, c.want)
		}
	}
	if !set.Remove("jobs") || set.Remove("jobs") {
		t.Error("Remove does not tell whether there was one")
	}
	if err := set.Add("jobs", f); err != nil {
		t.Errorf("after Remove: %v", err)
	}
}

// publications counts what was published: expvar takes each name once.
var publications atomic.Int64

// publish publishes a Set and returns under which name.
func publish(set *observe.Set) string {
	name := fmt.Sprint("set-", publications.Add(1))
	expvar.Publish(name, set)
	return name
}

// published is what expvar's handler shows of the Set under a name.
func published(t *testing.T, name string) map[string]map[string]float64 {
	t.Helper()
	response := httptest.NewRecorder()
	expvar.Handler().ServeHTTP(response, httptest.NewRequest("GET", "/debug/vars", nil))
	body, err := io.ReadAll(response.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(body, &all); err != nil {
		t.Fatal(err)
	}
	var set map[string]map[string]float64
	if err := json.Unmarshal(all[name], &set); err != nil {
		t.Fatal(err)
	}
	return set
}

// TestExpvar publishes a fan-in of every strategy and compares what is shown with what the
// fan-ins say, for which nothing is known where they do not know it.
func TestExpvar(t *testing.T) {
	var set observe.Set
	shown := publish(&set)
	for _, s := range strategies.All() {
		f := s.Word(strategies.Options{Capacity: 4, Policy: s.DefaultPolicy()})
		if err := set.Add(s.Name, f); err != nil {
			t.Error(err)
		}
	}
	all := published(t, shown)
	if len(all) != len(strategies.All()) {
		t.Errorf("of %d strategies %d are shown", len(strategies.All()), len(all))
	}
	for name, stats := range set.All() {
		values := all[name]
		if _, there := values["backlog_items"]; !there {
			t.Errorf("%s: no backlog is shown in %v", name, values)
		}
		if _, there := values["accepted_items"]; there != stats.Counted {
			t.Errorf("%s: accepted is shown: %v; known: %v", name, there, stats.Counted)
		}
		if _, there := values["waiting_sends"]; there != stats.WaitingKnown {
			t.Errorf("%s: waiting is shown: %v; known: %v", name, there, stats.WaitingKnown)
		}
		if _, there := values["blocked_seconds"]; there != stats.BlockedKnown {
			t.Errorf("%s: blocked is shown: %v; known: %v", name, there, stats.BlockedKnown)
		}
	}
}

// TestExpvarBlocked shows what was rejected, and a wait that is not over.
func TestExpvarBlocked(t *testing.T) {
	var set observe.Set
	least := observetest.Blocked(t, &set, "jobs").Seconds()
	shown := publish(&set)
	before := published(t, shown)["jobs"]
	time.Sleep(time.Millisecond)
	after := published(t, shown)["jobs"]
	if before["rejected_items"] != 1 || before["blocked_seconds"] < least || after["blocked_seconds"] <= before["blocked_seconds"] {
		t.Errorf("shown is %v and then %v; want 1 rejected, and %v s blocked that grow", before, after, least)
	}
}

// TestComeAndGo looks while fan-ins are added, used, ended and removed.
func TestComeAndGo(t *testing.T) {
	var set observe.Set
	shown := publish(&set)
	var work sync.WaitGroup
	for _, name := range []string{"a", "b"} {
		work.Go(func() {
			for range 50 {
				f := strategies.NewLanesRing[int](strategies.Options{})
				if err := set.Add(name, f); err != nil {
					t.Error(err)
				}
				p := f.Producer()
				for i := range 10 {
					if err := p.Send(i); err != nil {
						t.Error(err)
					}
				}
				p.Close()
				f.Consumer().Close()
				set.Remove(name)
			}
		})
	}
	for range 50 {
		for name := range published(t, shown) {
			if name != "a" && name != "b" {
				t.Errorf("%q is shown", name)
			}
		}
	}
	work.Wait()
	if left := slices.Collect(maps.Keys(published(t, shown))); len(left) > 0 {
		t.Errorf("%v are shown after all were removed", left)
	}
	for name := range set.All() { // which is over before it has begun
		t.Errorf("%q is left", name)
	}
}
