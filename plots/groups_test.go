package plots

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// firstScene returns the first scene of a run.
func firstScene(run *results.Run) *Scene { return scenes(&run.Manifest, results.Summarize(run))[0] }

// TestGroupsCompareLikeWithLike looks at the groups of every shape: of one kind, few
// enough to follow, each look once, and every series in its colours somewhere.
func TestGroupsCompareLikeWithLike(t *testing.T) {
	t.Parallel()
	for name, shape := range shapes() {
		for _, s := range shape.scenes() {
			shown := map[string]int{}
			for _, g := range groups(s.Series) {
				if len(g.series) == 0 || len(g.series) > maxLines {
					t.Errorf("%s: %d lines in group %q", name, len(g.series), g.title)
				}
				looks := map[string]string{}
				for _, x := range g.series {
					shown[x.strategy.Name+x.choice]++
					if x.kind() != g.series[0].kind() {
						t.Errorf("%s: group %q has %s, %s and %s, %s", name, g.title, x.Name, x.kind(), g.series[0].Name, g.series[0].kind())
					}
					key := fmt.Sprint(x.Look.line.Color, x.Look.line.Dashes, fmt.Sprintf("%#v", x.Look.marker.Shape))
					if other, taken := looks[key]; taken {
						t.Errorf("%s: %s and %s look alike in group %q", name, x.Name, other, g.title)
					}
					looks[key] = x.Name
				}
				for _, x := range g.others {
					if x.kind() != g.series[0].kind() {
						t.Errorf("%s: %s is no other of group %q", name, x.Name, g.title)
					}
				}
			}
			for _, x := range s.ranked() {
				if n := shown[x.strategy.Name+x.choice]; n > 1 || n == 0 && x.strategy.Name != s.Manifest.Baseline() {
					t.Errorf("%s: %s is shown %d times", name, x.Name, n)
				}
			}
		}
	}
}

func TestGroupsOfTheField(t *testing.T) {
	t.Parallel()
	type want struct{ title, series, references string }
	var got []want
	names := func(series []Series) string {
		var all []string
		for _, x := range series {
			all = append(all, x.Name)
		}
		return strings.Join(all, ", ")
	}
	run := resultstest.Run(resultstest.Config{Strategies: len(field), Describe: describe, Producers: []int{1}, Reps: 1, Samples: -1})
	for _, g := range groups(firstScene(run).Series) {
		got = append(got, want{g.title, names(g.series), names(g.references)})
	}
	wanted := []want{
		{"bounded in total, block, ours", "chan, chan-batch, mutex-cond, mpsc-ring", "harness floor"},
		{"bounded in total, block, peers", "xsync-mpmc, workiva-ring, lfq-mpsc, ringbuf, disruptor", "chan, harness floor"},
		{
			"bounded (holds nothing, per producer, in flight), block", "chan-unbuffered · holds nothing, chan-merge · per producer, chan-select · per producer, " +
				"lanes-ring · per producer, lock-free-ring · per producer, semaphore · in flight", "chan · bounded in total, harness floor",
		},
		{"unbounded, ours", "chan-unbounded, mutex-swap, mpsc-linked, lanes, lanes-linked", "chan · bounded in total, harness floor"},
		{"unbounded, peers", "xsync-umpsc, workiva-queue, chanx, chanqueue", "chan · bounded in total, harness floor"},
		{"bounded in total, drop-oldest", "diodes", "chan · bounded in total, block, harness floor"},
	}
	if !slices.Equal(got, wanted) {
		t.Errorf("groups %q\nwant %q", got, wanted)
	}
}

// TestBatchesAreNamed: single sends and batches are never in one figure, and each
// says which it shows.
func TestBatchesAreNamed(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Strategies: 5, Describe: func(s *results.Strategy) { s.Batch = s.Name == "lanes" }, Reps: 1, Samples: -1})
	batches := resultstest.Run(resultstest.Config{
		Strategies: 5, Describe: func(s *results.Strategy) { s.Batch = s.Name == "lanes" }, Reps: 1, Samples: -1, SendBatch: 32,
	})
	run.Manifest.Cells = append(run.Manifest.Cells, batches.Manifest.Cells...)
	run.Trials = append(run.Trials, batches.Trials...)
	pictures := ofFigure(pictured(t, run), throughput)
	for i, want := range [][]string{
		{"throughput_send-batch-1", "single sends", "lanes", "chan-unbounded"},
		{"throughput_send-batch-32", "sent in batches of 32", "lanes", "chan-unbounded (one by one)"},
	} {
		text := strings.Split(pictures[i].Name+"\n"+strings.ReplaceAll(allText(pictures[i].drawing), ", ", "\n"), "\n")
		for _, w := range want {
			if !slices.Contains(text, w) {
				t.Errorf("%s lacks %q: %q", pictures[i].Name, w, text)
			}
		}
	}
}

// TestWordsOfFilesAreHeld: bounds and policies are words of a manifest, which may
// come from anywhere.
func TestWordsOfFilesAreHeld(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Samples: 400, Producers: []int{1, 4}, Reps: 1, Describe: func(s *results.Strategy) {
		switch s.Name {
		case "chan":
			s.Bound = "bounded in total"
		case "lanes":
			s.Bound = "../../<b>\x00\n" + strings.Repeat("very ", 1000) + "long"
		case "mutex-swap":
			s.Bound = ""
		}
	}})
	dir := t.TempDir()
	pictures := pictured(t, run).All
	for _, p := range pictures {
		if filepath.Base(p.Name) != p.Name || len(p.Name) > 120 || strings.ContainsAny(p.Name, "<. ") {
			t.Errorf("the name %q", p.Name)
		}
		files, err := p.write(filepath.Join(dir, p.Name), coarse)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		checkXML(t, p.Name, data)
		for _, box := range texts(p.drawing) {
			if box.Max.X > p.drawing.Width {
				t.Errorf("%s: %q is cut at the edge", p.Name, box.text)
			}
		}
	}
}
