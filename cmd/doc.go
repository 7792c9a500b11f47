// Package cmd is the command line of fanin-bench, one verb a file. Main is also
// how a queue from another module joins the suite: a program of one line,
//
//	os.Exit(cmd.Main(context.Background(), os.Args[1:], append(strategies.All(), mine)...))
//
// has every verb, with that queue beside the built-in ones.
package cmd
