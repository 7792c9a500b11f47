package main

import (
	"os"

	"github.com/fanin-bench/fanin-bench/results/program"
)

func main() { os.Exit(program.Main(os.Args[1:], all()...)) }

// all returns the strategies that there are on this system.
func all() []program.Strategy { return append(append(inProcess(), sockets()...), shared()...) }
