package plots

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// drawn returns the drawing of a figure of a shape.
func drawn(t *testing.T, shape, figure string) *Drawing {
	t.Helper()
	pictures := shapes()[shape].pictured(t).All
	i := slices.IndexFunc(pictures, func(p Picture) bool { return p.Figure.Name == figure })
	if i < 0 {
		t.Fatalf("%s has no figure %s", shape, figure)
	}
	return pictures[i].drawing
}

func allText(d *Drawing) string {
	var all []string
	for _, box := range texts(d) {
		all = append(all, box.text)
	}
	return strings.Join(all, "\n")
}

// TestOpenFiguresSayWhatMatters looks for the words that keep a reader from
// taking the pacer or a missed rate for the strategy.
func TestOpenFiguresSayWhatMatters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ shape, figure, want string }{
		{"stall", "response", pacerName},
		{"rates", "response", pacerName},
		{"open", "response", "16 producers, 105 % load"},
		{"open", "response", "chan · bounded in total †"},
		{"open", "response", "missed the offered rate by over 1 %"},
		{"open", "load", "circled: "},
		{"open", "load", "tick at the lower edge"},
		{"open", "backlog", "16 producers, 90 % load"},
		{"open", "backlog", "grey: the overload"},
		{"open", "memory", "at 90 % load"},
		{"open", "rest", "98.0 %"},
		{"stall", "response", "1000 producers, 200 k msg/s"},
		{"open fails", "load", "× every trial failed at 64 producers, see summary.md: mutex-swap, lanes"},
		{"open fails", "backlog", "×: every trial failed"},
		{"open fails", "rest", "× failed"},
		{"overload", "overload", "16 producers; the consumer takes 100 µs per message: its capacity, 1×, is 10.0 k msg/s"},
		{"overload", "overload", "chan policy=drop-oldest"},
		{"overload", "overload", "every trial failed, see summary.md: mutex-swap at 0.5×, 0.8×, 1×, 2×, 4×"},
	} {
		if text := allText(drawn(t, c.shape, c.figure)); !strings.Contains(text, c.want) {
			t.Errorf("%s of %s lacks %q; it says\n%s", c.figure, c.shape, c.want, text)
		}
	}
}

// TestPacerIsThatOfEveryLine: at an equal load the strategies run at different
// rates, so that no floor stands for all of them.
func TestPacerIsThatOfEveryLine(t *testing.T) {
	t.Parallel()
	for i, p := range drawn(t, "open", "response").panels {
		for _, l := range p.lines {
			if l.text == pacerName {
				t.Errorf("panel %d of loads shows the pacer at one strategy's rate", i)
			}
		}
	}
}

// TestLoadJoinsRatesAndLoads draws cells given as rates and cells given as loads
// in one line each, which must run from left to right.
func TestLoadJoinsRatesAndLoads(t *testing.T) {
	t.Parallel()
	all := shapes()["mixed"].scenes()
	if len(all) != 1 {
		t.Fatalf("%d scenes, want one", len(all))
	}
	k := newLoadPanel(all[0], 16)
	if len(k.curves) != 5 || len(k.medians) != 4 || len(k.ticks) != 4 {
		t.Fatalf("%d curves, %d medians, %d ticks", len(k.curves), len(k.medians), len(k.ticks))
	}
	for _, c := range k.curves {
		if len(c.points) != 5 {
			t.Errorf("%s has %d points, want two rates and three loads", c.name, len(c.points))
		}
		if !slices.IsSortedFunc(c.points, func(a, b point) int { return int(1e6 * (a.x - b.x)) }) {
			t.Errorf("%s goes back and forth: %v", c.name, c.points)
		}
	}
}

func TestEvenTicks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s    span
		want string
	}{
		{span{0, 1000}, "0 200 400 600 800 1000"},
		{span{0, 1.04}, "0 0.2 0.4 0.6 0.8 1"},
		{span{0.9, 1.004}, "0.9 0.92 0.94 0.96 0.98 1"},
		{span{0, 4}, "0 1 2 3 4"},
	} {
		var got []string
		for _, tick := range evenTicks(c.s) {
			got = append(got, tick.Label)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v: %q, want %q", c.s, got, c.want)
		}
	}
}

func TestLogPlusOne(t *testing.T) {
	t.Parallel()
	scale := logPlusOne{}
	if lo, hi := scale.Normalize(0, 999, 0), scale.Normalize(0, 999, 999); lo != 0 || hi != 1 {
		t.Errorf("ends at %v and %v", lo, hi)
	}
	if third := scale.Normalize(0, 999, 9); third < 0.33 || third > 0.34 {
		t.Errorf("9 of 999 is at %v, want a third", third)
	}
}

// TestOverloadShowsEachPolicy reads the figure's numbers back: what blocks loses
// nothing and grows old, what drops loses three quarters at four times the capacity.
func TestOverloadShowsEachPolicy(t *testing.T) {
	t.Parallel()
	o := newOverloaded(shapes()["overload"].scenes()[0])
	if len(o.steps) != 5 || o.beyond != 2 || o.capacity != 1e4 {
		t.Fatalf("%d steps, %d beyond the capacity of %v", len(o.steps), o.beyond, o.capacity)
	}
	ages := map[string]float64{}
	for _, series := range o.series {
		c := o.cell(series, o.steps[4])
		if failed(c) {
			continue
		}
		lost, ok := lostShare(c)
		want := 0.75
		if c.Policy == "" || c.Policy == "block" {
			want = 0
		}
		if !ok || lost < want-0.02 || lost > want+0.02 {
			t.Errorf("%s lost %v, want %v", series.Name, lost, want)
		}
		ages[c.Policy], _ = age(c)
	}
	if len(ages) != 5 || ages["block"] < 5*ages["drop-oldest"] || ages["drop-oldest"] == 0 {
		t.Errorf("ages %v", ages)
	}
	if plane, ok := o.plane(); !ok || len(plane.lines) != 6 {
		t.Errorf("the plane has %d lines", len(plane.lines))
	}
	for _, shape := range []string{"rates", "open"} {
		if _, err := overload.Draw(shapes()[shape].scenes()[0]); !errors.Is(err, ErrNoData) {
			t.Errorf("%s: %v, want no data", shape, err)
		}
	}
}
