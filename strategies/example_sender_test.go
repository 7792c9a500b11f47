package strategies_test

import (
	"context"
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

// One item at a time costs about what batches do. A loop that breaks loses nothing: the
// next one goes on.
func ExampleNewReader() {
	f := strategies.NewLanesRing[string](strategies.Options{})
	go func() {
		w := strategies.NewWriter(f.Producer(), 32)
		for _, word := range []string{"one", "two", "three", "four"} {
			_ = w.Put(word)
		}
		_ = w.Close() // flushes
	}()

	r := strategies.NewReader(f.Consumer())
	first, _ := r.Next()
	fmt.Println("first:", first)
	for word := range r.All(context.Background()) {
		fmt.Println(word)
		if word == "two" {
			break
		}
	}
	for word := range r.All(context.Background()) {
		fmt.Println("then:", word)
	}
	// Output:
	// first: one
	// two
	// then: three
	// then: four
}

// A Writer sends what it has collected when it is full, flushed or closed.
func ExampleNewWriter() {
	f := strategies.NewMPSCRing[int](strategies.Options{})
	w := strategies.NewWriter(f.Producer(), 3)
	for i := range 4 {
		_ = w.Put(i)
	}
	fmt.Println(f.Backlog(), "sent,", w.Buffered(), "collected")
	_ = w.Flush()
	fmt.Println(f.Backlog(), "sent,", w.Buffered(), "collected")
	// Output:
	// 3 sent, 1 collected
	// 4 sent, 0 collected
}
