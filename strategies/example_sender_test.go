package strategies_test

import (
	"fmt"
	"sync"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Goroutines that live for one item send without a handle of their own. The order of
// what they send is not promised over lanes, so the example adds the items up.
func ExampleNewSender() {
	f := strategies.NewLanesRing[int](strategies.Options{})
	sender := strategies.NewSender(f)
	go func() {
		var requests sync.WaitGroup
		for i := range 1000 {
			requests.Go(func() { _ = sender.Send(i) })
		}
		requests.Wait()
		sender.Close() // it counts as one open producer until then
	}()

	sum, buf := 0, make([]int, 64)
	for {
		n, err := f.Consumer().Recv(buf)
		if err != nil {
			break // io.EOF
		}
		for _, i := range buf[:n] {
			sum += i
		}
	}
	fmt.Println(sum)
	// Output: 499500
}
