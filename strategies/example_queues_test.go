package strategies_test

import (
	"context"
	"fmt"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Senders are told when the consumer leaves; what it had not received is gone.
func ExampleNewMutexSwap() {
	f := strategies.NewMutexSwap[string](strategies.Options{})
	p, c := f.Producer(), f.Consumer()
	fmt.Println(p.SendBatch([]string{"first", "second", "third"}))
	buf := make([]string, 2)
	n, _ := c.Recv(buf)
	fmt.Println(buf[:n])
	c.Close()
	fmt.Println(p.Send("fourth"))
	// Output:
	// 3 <nil>
	// [first second]
	// fan-in closed
}

// The consumer has what waited when it looked; what comes later waits for its next look.
func ExampleNewIPQueue() {
	f := strategies.NewIPQueue[string](strategies.Options{})
	p, c := f.Producer(), f.Consumer()
	_, _ = p.SendBatch([]string{"PUB", "SUB", "PING"})
	buf := make([]string, 2)
	n, _ := c.Recv(buf)
	_ = p.Send("PONG")
	fmt.Println(buf[:n], f.Backlog())
	n, _ = c.Recv(buf)
	fmt.Println(buf[:n], f.Backlog())
	// Output:
	// [PUB SUB] 2
	// [PING] 1
}

// A sender that finds no room within its time gives up.
func ExampleNewMutexCond() {
	f := strategies.NewMutexCond[string](strategies.Options{Capacity: 1})
	p := f.Producer()
	_ = p.Send("first")
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fmt.Println(p.SendContext(ctx, "second"))
	p.Close()
	buf := make([]string, 8)
	n, _ := f.Consumer().Recv(buf)
	fmt.Println(buf[:n])
	_, err := f.Consumer().Recv(buf)
	fmt.Println(err)
	// Output:
	// context deadline exceeded
	// [first]
	// EOF
}

// Two pieces of work may be in flight: a receive call says that what the last one
// returned is done.
func ExampleNewSemaphore() {
	f := strategies.NewSemaphore[int](strategies.Options{Capacity: 2})
	p, c := f.Producer(), f.Consumer()
	_, _ = p.SendBatch([]int{1, 2})
	work := make([]int, 1)
	_, _ = c.Recv(work)
	fmt.Println("working on", work[0], "free", f.Free())
	fmt.Println(p.TrySend(3))
	_, _ = c.Recv(work)
	fmt.Println("working on", work[0], "free", f.Free())
	_, _ = c.Recv(nil)
	fmt.Println("done, free", f.Free())
	// Output:
	// working on 1 free 0
	// fan-in full
	// working on 2 free 1
	// done, free 2
}

// The newest three readings are kept; what was dropped is counted.
func ExampleNewMPSCRing() {
	f := strategies.NewMPSCRing[int](strategies.Options{Capacity: 3, Policy: strategies.DropOldest})
	p := f.Producer()
	for reading := range 10 {
		_ = p.Send(reading)
	}
	buf := make([]int, 8)
	n, _ := f.Consumer().Recv(buf)
	fmt.Println(buf[:n], p.Dropped())
	// Output: [7 8 9] 7
}

// Sends never wait, and what one goroutine sent before another is received first.
func ExampleNewMPSCLinked() {
	f := strategies.NewMPSCLinked[string](strategies.Options{})
	sent := make(chan bool)
	first, second := f.Producer(), f.Producer()
	go func() {
		defer first.Close()
		_, _ = first.SendBatch([]string{"a", "b"})
		close(sent)
	}()
	go func() {
		defer second.Close()
		<-sent
		_ = second.Send("c")
	}()
	buf := make([]string, 8)
	for {
		n, err := f.Consumer().Recv(buf)
		if err != nil {
			break // io.EOF
		}
		for _, item := range buf[:n] {
			fmt.Println(item)
		}
	}
	// Output:
	// a
	// b
	// c
}
