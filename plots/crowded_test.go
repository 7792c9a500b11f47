package plots

import "github.com/fanin-bench/fanin-bench/results"

// field is a run's strategies as many and as different as the suite has, from the
// floor on: the bound and whether a peer it is.
var field = []struct {
	name, bound string
	peer, batch bool
}{
	{"null", "unbounded", false, true},
	{"chan", "bounded in total", false, false},
	{"chan-unbounded", "unbounded", false, false},
	{"chan-unbuffered", "holds nothing", false, false},
	{"chan-merge", "bounded per producer", false, false},
	{"chan-select", "bounded per producer", false, false},
	{"chan-batch", "bounded in total", false, true},
	{"mutex-swap", "unbounded", false, true},
	{"mutex-cond", "bounded in total", false, true},
	{"semaphore", "bounded in flight", false, true},
	{"mpsc-ring", "bounded in total", false, true},
	{"mpsc-linked", "unbounded", false, true},
	{"lanes", "unbounded", false, true},
	{"lanes-ring", "bounded per producer", false, true},
	{"lanes-linked", "unbounded", false, true},
	{"xsync-umpsc", "unbounded", true, false},
	{"workiva-queue", "unbounded", true, true},
	{"chanx", "unbounded", true, false},
	{"chanqueue", "unbounded", true, false},
	{"xsync-mpmc", "bounded in total", true, false},
	{"workiva-ring", "bounded in total", true, false},
	{"lfq-mpsc", "bounded in total", true, false},
	{"ringbuf", "bounded in total", true, false},
	{"lock-free-ring", "bounded per producer", true, false},
	{"disruptor", "bounded in total", true, true},
	{"diodes", "bounded in total", true, false},
}

// describe makes a strategy of a synthetic run one of the field.
func describe(s *results.Strategy) {
	like := field[s.Index]
	s.Name, s.Bound, s.Batch, s.Lossy = like.name, like.bound, like.batch, like.name == "diodes"
	if like.peer {
		s.Module = "example.com/" + like.name + "@v1.0.0"
	}
}
