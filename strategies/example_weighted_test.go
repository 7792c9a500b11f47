package strategies_test

import (
	"fmt"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Where bodies of a few bytes and of a megabyte are mixed, memory is bounded in bytes. To
// change the strategy below is to change its constructor.
func ExampleNewWeighted() {
	f := strategies.NewWeighted(strategies.NewLanesLinked, strategies.Options{Policy: strategies.Fail},
		strategies.Weight[[]byte]{
			Of:          func(body []byte) int { return len(body) },
			Capacity:    1 << 20,
			PerProducer: true,
		})
	p := f.Producer()
	for _, size := range []int{10, 1000, 1 << 20} {
		fmt.Println(size, p.Send(make([]byte, size)), f.Held())
	}
	bodies := make([][]byte, 16)
	n, _ := f.Consumer().Recv(bodies)
	fmt.Println("received", n, "and there is room again:", p.Send(make([]byte, 1<<20)))
	// Output:
	// 10 <nil> 10
	// 1000 <nil> 1010
	// 1048576 fan-in full 1010
	// received 2 and there is room again: <nil>
}
