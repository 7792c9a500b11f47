package strategies_test

import (
	"fmt"
	"io"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// The items of each producer come in the order sent, those of different producers
// in turns: a lane is drained as it was when its turn began.
func ExampleNewLanes() {
	f := strategies.NewLanes[string](strategies.Options{})
	a, b := f.Producer(), f.Producer()
	_ = a.Send("a1")
	_ = b.Send("b1")
	_ = a.Send("a2")
	_ = b.Send("b2")
	buf := make([]string, 8)
	n, _ := f.Consumer().Recv(buf)
	fmt.Println(buf[:n])
	// Output: [a1 a2 b1 b2]
}

// A burst is dropped in part, and each producer knows how much of its own.
func ExampleNewLanesRing() {
	f := strategies.NewLanesRing[int](strategies.Options{Capacity: 100, Policy: strategies.DropNewest})
	loud, quiet := f.Producer(), f.Producer()
	_, _ = loud.SendBatch(make([]int, 1000))
	_ = quiet.Send(1)
	fmt.Println(f.Backlog(), loud.Dropped(), quiet.Dropped())
	// Output: 101 900 0
}

// Thousands of producers may be open, most of them idle; sends never wait.
func ExampleNewLanesLinked() {
	f := strategies.NewLanesLinked[int](strategies.Options{})
	producers := make([]strategies.Producer[int], 5000)
	for i := range producers {
		producers[i] = f.Producer()
	}
	go func() {
		_ = producers[1234].Send(1)
		_ = producers[4321].Send(2)
		for _, p := range producers {
			p.Close()
		}
	}()
	sum := 0
	buf := make([]int, 64)
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
	// Output: 3
}
