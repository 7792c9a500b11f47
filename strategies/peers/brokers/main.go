package main

import (
	"fmt"
	"os"

	"github.com/fanin-bench/fanin-bench/results/program"
)

func main() { os.Exit(run(os.Args[1:])) }

// run is the program, in whichever process of it.
func run(args []string) int {
	if len(args) == 0 || args[0] != brokerVerb {
		return program.Main(args, all()...)
	}
	if err := serveBroker(args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "the broker:", err)
		return 1
	}
	return 0
}

// all returns the strategies.
func all() []program.Strategy {
	var all []program.Strategy
	for _, e := range engines() {
		all = append(all, e.strategy())
	}
	return all
}
