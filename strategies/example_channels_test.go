package strategies_test

import (
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Several goroutines send, one receives until all have closed.
func ExampleNewChan() {
	f := strategies.NewChan[int](strategies.Options{Capacity: 4})
	// All are opened before the first can close, which would be the end.
	producers := []strategies.Producer[int]{f.Producer(), f.Producer(), f.Producer()}
	for i, p := range producers {
		go func() {
			defer p.Close()
			for k := range 3 {
				_ = p.Send(10*i + k) // waits while the fan-in is full
			}
		}()
	}
	var all []int
	buf := make([]int, 8)
	for {
		n, err := f.Consumer().Recv(buf)
		if err == io.EOF {
			break
		}
		all = append(all, buf[:n]...)
	}
	slices.Sort(all)
	fmt.Println(all)
	// Output: [0 1 2 10 11 12 20 21 22]
}

// A producer is closed by the goroutine that sends, as close(ch) would be.
func ExampleNewChanBare() {
	f := strategies.NewChanBare[int](strategies.Options{})
	p := f.Producer()
	go func() {
		defer p.Close()
		for i := range 3 {
			_ = p.Send(i)
		}
	}()
	buf := make([]int, 1)
	for {
		if _, err := f.Consumer().Recv(buf); err == io.EOF {
			break
		}
		fmt.Println(buf[0])
	}
	// Output:
	// 0
	// 1
	// 2
}

// Nothing is ever on the way: when a send returns, the consumer has the item.
func ExampleNewChanUnbuffered() {
	f := strategies.NewChanUnbuffered[string](strategies.Options{})
	p := f.Producer()
	fmt.Println(p.TrySend("hello"), f.Backlog()) // nobody is receiving
	received := make(chan string)
	go func() {
		buf := make([]string, 1)
		_, _ = f.Consumer().Recv(buf)
		received <- buf[0]
	}()
	fmt.Println(p.Send("hello"), f.Backlog())
	fmt.Println(<-received)
	// Output:
	// fan-in full 0
	// <nil> 0
	// hello
}

// A send does not wait, however far behind the consumer is.
func ExampleNewChanUnbounded() {
	f := strategies.NewChanUnbounded[int](strategies.Options{})
	p := f.Producer()
	for i := range 50_000 {
		_ = p.Send(i)
	}
	p.Close()
	sum := 0
	buf := make([]int, 256)
	for {
		n, err := f.Consumer().Recv(buf)
		if err == io.EOF {
			break
		}
		for _, item := range buf[:n] {
			sum += item
		}
	}
	fmt.Println(sum)
	// Output: 1249975000
}

// Channels that exist already are merged: a producer for each.
func ExampleNewChanMerge() {
	numbers := func(from int) <-chan int {
		out := make(chan int)
		go func() {
			defer close(out)
			for i := range 3 {
				out <- from + i
			}
		}()
		return out
	}
	f := strategies.NewChanMerge[int](strategies.Options{Capacity: 1})
	opener := f.Producer() // or the fan-in might end with the first
	for _, in := range []<-chan int{numbers(10), numbers(20)} {
		p := f.Producer()
		go func() {
			defer p.Close()
			for item := range in {
				_ = p.Send(item)
			}
		}()
	}
	opener.Close()
	var last int
	for buf := make([]int, 1); ; {
		if _, err := f.Consumer().Recv(buf); err == io.EOF {
			break
		}
		last = max(last, buf[0])
	}
	fmt.Println(last)
	// Output: 22
}

// Room is counted for each producer by itself: one that is full does not keep
// others from sending.
func ExampleNewChanSelect() {
	f := strategies.NewChanSelect[string](strategies.Options{Capacity: 2, Policy: strategies.Fail})
	loud, quiet := f.Producer(), f.Producer()
	fmt.Println(loud.SendBatch([]string{"a", "b", "c"}))
	fmt.Println(quiet.Send("d"))
	fmt.Println(f.Backlog())
	// Output:
	// 2 fan-in full
	// <nil>
	// 3
}

// Single sends, but a busy consumer gets them by the slice.
func ExampleNewChanBatch() {
	f := strategies.NewChanBatch[int](strategies.Options{})
	opener := f.Producer() // or the fan-in might end with the first
	var senders sync.WaitGroup
	for range 4 {
		p := f.Producer()
		senders.Go(func() {
			defer p.Close()
			for i := range 8 {
				_ = p.Send(i)
			}
		})
	}
	senders.Wait() // the consumer is busy elsewhere
	opener.Close()
	buf := make([]int, 256)
	n, _ := f.Consumer().Recv(buf)
	fmt.Println(n)
	_, err := f.Consumer().Recv(buf)
	fmt.Println(err)
	// Output:
	// 32
	// EOF
}
