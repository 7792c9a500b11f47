package process

import (
	"bytes"
	"fmt"
	"regexp"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
)

var (
	stackCount = regexp.MustCompile(`^(\d+) @`)
	stackFrame = regexp.MustCompile(`(?m)^#\t\S+\t(\S+?)\+0x`)
)

// Labelled returns how many goroutines have the profiler's label of this key and value,
// and the function that the first of them stands in, the runtime left out.
func Labelled(key, value string) (n int, where string, err error) {
	label := fmt.Sprintf("%q:%q", key, value)
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return 0, "", fmt.Errorf("listing goroutines: %w", err)
	}
	for _, stack := range strings.Split(profile.String(), "\n\n") {
		// The total stands above the first.
		if i := strings.Index(stack, "\n"); strings.HasPrefix(stack, "goroutine profile:") {
			stack = stack[i+1:]
		}
		head := stackCount.FindStringSubmatch(stack)
		if head == nil || !strings.Contains(stack, label) {
			continue
		}
		count, err := strconv.Atoi(head[1])
		if err != nil {
			return 0, "", fmt.Errorf("reading the profile of goroutines: %w", err)
		}
		n += count
		for _, frame := range stackFrame.FindAllStringSubmatch(stack, -1) {
			if where == "" && !strings.HasPrefix(frame[1], "runtime.") && !strings.HasPrefix(frame[1], "sync.") {
				where = frame[1]
			}
		}
	}
	return n, where, nil
}

// lists is room for lists of goroutines. Checks ask again and again, and much of what
// each would allocate is cleared, and soon collected, for nothing.
var lists = sync.Pool{New: func() any { list := make([]byte, 16<<10); return &list }}

// Unparked returns how many of the goroutines with a function of this name on their stack
// are not parked. A list of goroutines tells what each waits for; one that sleeps looks
// again by itself.
func Unparked(function string) int {
	room := lists.Get().(*[]byte)
	defer lists.Put(room)
	n := runtime.Stack(*room, true)
	for n == len(*room) {
		*room = make([]byte, 2*n)
		n = runtime.Stack(*room, true)
	}
	list := (*room)[:n]
	unparked := 0
	for _, stack := range bytes.Split(list, []byte("\n\n")) {
		head, _, _ := bytes.Cut(stack, []byte("\n"))
		_, state, _ := bytes.Cut(head, []byte("["))
		for _, busy := range []string{"running", "runnable", "sleep"} {
			if bytes.HasPrefix(state, []byte(busy)) && bytes.Contains(stack, []byte(function)) {
				unparked++
			}
		}
	}
	return unparked
}

// GoroutineRuns returns how often goroutines of this process have begun to run after
// they were ready to. The runtime counts one of several, the same part at all times.
func GoroutineRuns() uint64 {
	sample := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return 0
	}
	runs := uint64(0)
	for _, n := range sample[0].Value.Float64Histogram().Counts {
		runs += n
	}
	return runs
}
