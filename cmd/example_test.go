package cmd_test

import (
	"context"
	"fmt"

	"github.com/fanin-bench/fanin-bench/cmd"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// myqueue stands for the module of somebody else's queue.
var myqueue = struct {
	NewWord    func(strategies.Options) strategies.FanIn[strategies.Word]
	NewMessage func(strategies.Options) strategies.FanIn[strategies.Message]
}{strategies.NewMutexCond[strategies.Word], strategies.NewMutexCond[strategies.Message]}

// CONTRIBUTING.md shows the next variable.

// mine is a queue as a strategy. The fields after its descriptor make a fan-in of words
// and one of messages.
var mine = strategies.Strategy{
	Descriptor: strategies.Descriptor{
		Name: "mine", Doc: "how it works, in a sentence", Bound: strategies.Total, Wait: "parks at once",
	},
	Word:    myqueue.NewWord,
	Message: myqueue.NewMessage,
}

// A program of your own has every verb, with your queue beside the others if you append it
// to strategies.All(). Here the queue is alone, to be listed.
func ExampleMain() {
	code := cmd.Main(context.Background(), []string{"list", "--format", "markdown"}, mine)
	fmt.Println("exit code", code)
	// Output:
	// | strategy | how it works | order | by a Sender | bound | when full | batches | waits |
	// |---|---|---|---|---|---|---|---|
	// | `mine` | how it works, in a sentence | per producer | none | bounded in total | block | one by one | parks at once |
	// exit code 0
}
