//go:build !linux

package main

import "github.com/fanin-bench/fanin-bench/results/program"

// shared lists none: futexes and memory without a name are Linux's.
func shared() []program.Strategy { return nil }
