package main

import (
	"context"
	"os"

	"github.com/fanin-bench/fanin-bench/cmd"
	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/peers"
)

func main() {
	os.Exit(cmd.Main(context.Background(), os.Args[1:], append(strategies.All(), peers.All()...)...))
}
