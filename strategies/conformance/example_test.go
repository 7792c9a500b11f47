package conformance_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
)

// newQueue stands for the constructor of a queue in another module.
func newQueue[T any](o strategies.Options) strategies.FanIn[T] { return strategies.NewMPSCRing[T](o) }

var mine = strategies.Strategy{
	Descriptor: strategies.Descriptor{Name: "mine", Doc: "a ring", Order: strategies.OrderGlobal, Bound: strategies.Total},
	Word:       newQueue[strategies.Word],
	Message:    newQueue[strategies.Message],
}

// In the module of the queue one test tries every promise, in subtests that are named
// after the checks. Check does the same without a testing.T, and may try some only.
func ExampleTest() {
	TestConformance := func(t *testing.T) { conformance.Test(t, mine) }
	_ = TestConformance // go test -race runs it

	findings := conformance.Check(context.Background(), mine, conformance.Options{
		Short:    true,
		Promises: []strategies.Promise{strategies.PromiseOrder, strategies.PromiseBatch},
	})
	fmt.Println("broken promises:", len(findings))
	// Output: broken promises: 0
}

// A queue that says it is bounded, and is not, breaks that promise.
func ExampleCheck() {
	unbounded := mine
	unbounded.Word = strategies.NewMutexSwap[strategies.Word]
	for _, finding := range conformance.Check(context.Background(), unbounded, conformance.Options{
		Short:    true,
		Promises: []strategies.Promise{strategies.PromiseBound},
	}) {
		if finding.Check == "stopped-consumer" {
			fmt.Println(finding)
		}
	}
	// Output: promise bound broken (check stopped-consumer): 1 producers with capacity 1 held 2 items instead of 1 after 0 were received
}
