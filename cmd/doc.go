// Package cmd is the command line of fanin-bench, one verb a file. [Main] is also how
// a queue from another module joins the suite. A program of one line,
//
//	os.Exit(cmd.Main(context.Background(), os.Args[1:], append(strategies.All(), mine)...))
//
// has every verb, with that queue beside the built-in ones. The documentation of command
// fanin-bench is the manual of the verbs.
//
// Main, the verbs, their flags and their exit codes are covered by the promise of
// stability in CHANGELOG.md.
package cmd
