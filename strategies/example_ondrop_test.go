package strategies_test

import (
	"bytes"
	"fmt"
	"io"
	"sync"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Buffers come from a pool. What is dropped goes back there, as what is received does.
func ExampleOnDrop() {
	out := 0 // buffers that are neither in the pool nor fresh
	pool := sync.Pool{New: func() any { return new(bytes.Buffer) }}
	put := func(b *bytes.Buffer) {
		out--
		b.Reset()
		pool.Put(b)
	}
	f := strategies.OnDrop(strategies.NewMPSCRing[*bytes.Buffer](
		strategies.Options{Capacity: 4, Policy: strategies.DropOldest}), put)

	p := f.Producer()
	for i := range 10 {
		b := pool.Get().(*bytes.Buffer)
		out++
		fmt.Fprintf(b, "line %d", i)
		_ = p.Send(b) // under DropOldest it fails only after the consumer's Close
	}
	dropped := p.Dropped()
	p.Close()

	c := f.Consumer()
	defer c.Close()
	one := make([]*bytes.Buffer, 1)
	for {
		n, err := c.Recv(one)
		if err == io.EOF {
			break
		}
		for _, b := range one[:n] {
			fmt.Println(b)
			put(b)
		}
	}
	fmt.Println(dropped, "dropped,", out, "out")
	// Output:
	// line 6
	// line 7
	// line 8
	// line 9
	// 6 dropped, 0 out
}
