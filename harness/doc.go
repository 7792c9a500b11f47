// Package harness has strategies measured: it starts the processes that run trials,
// watches them and hands on what they measured.
//
// # From a question to a number
//
//  1. A scenario says what to vary: strategies, producer counts, payloads and so on. It
//     is a YAML file or one of the built-in ones, may have variants side by side, and
//     flags override it (package scenario).
//  2. A plan multiplies it out into cells, one per combination, and puts their trials
//     in order: blocks, each a random permutation, drawn from the seed, of the groups of
//     cells that differ in nothing but the strategy, and of the cells of each group
//     (package scenario).
//  3. [Runner] executes each trial in a child process of its own, so that one cannot
//     warm, fragment, crash or slow the next. A child that panics, hangs, is killed or
//     passes its memory limit is an outcome too. The trials of a group are a sitting:
//     their children live side by side and take turns (sitting.go). Every outcome of a
//     sitting is handed on when it is over. The runner looks into a strategy's promises,
//     besides, until the strategy has passed once with the same options.
//  4. The child ([ServeTrial]) warms up, measures, and checks every delivery (package
//     trial).
//
// Three guards keep a trial from taking the machine's memory: the child's own, its
// parent's, and the kernel's (memory.go). As many trials sit together as there is memory
// for beside the one whose turn it is; a group that has to be divided says so in the
// record.
//
// # A sitting
//
// The trials of a sitting begin one after the other, and each warms up alone. Then there
// are turns: in each, every trial runs one slice of about 32 ms, in an order that is drawn
// anew. There are as many turns as make the duration that was asked for, and at least
// seven, of shorter slices if need be; where one trial needs longer ones to tell a rate,
// all have fewer. A trial that
// fails leaves, and the others go on. What cannot take turns, or is of a program that does
// not know how, is executed as a whole where the others begin: package trial says which
// and why. While a child waits for its turn its timeout does not run, nobody looks at its
// memory, and it is to use no processor: one that uses over a fifth of one has
// broken the promise to park. With isolation none the trials of a sitting are in this process,
// each with its own goroutines, and that share is not known.
//
// # Rooms
//
// Each imports only those before it:
//
//   - pick finds strategies by name and by group.
//   - machine is what the harness asks of the machine: its clock, its limits, what a
//     process has used, which build runs on what.
//   - trial is one trial in this process, with rooms of its own below it: schedule,
//     record, monitor, neighbours, sink, inspect.
//   - scenario is what to run.
//   - harness, this package, is the parent's side of trials.
//   - doctor examines whether a machine can be trusted.
//   - advice says which strategy to use for a workload.
//
// # The child's protocol
//
// A trial is a process that reads one JSON object, a trial.Spec, from standard
// input and writes one JSON object, a trial.Reply, to standard output, then exits 0.
// Standard error is free text; its end is stored when the trial fails. Any
// program that does so when its argument is "trial" can stand in for
// `fanin-bench trial`, whatever language it is written in:
//
//	$ echo '{"schema":1,"cell":{"strategy":"chan","producers":4,"arrival":"closed",
//	  "payload_bytes":8,"send_batch":1,"recv_batch":256,"messages":100000,
//	  "gomaxprocs":2},"seed":1,"timeout_ns":10000000000}' | fanin-bench trial
//	{"schema":1,"measurement":{"elapsed_ns":9211034,"attempted":100000,...}}
//
// The reply has either a measurement or a failure; both are defined, with units,
// in package results. What was not measured is left out. Unknown fields are ignored
// by the reader, a different schema number is refused. A child that neither replies
// nor exits within the spec's timeout is killed.
//
// A trial takes turns with others if its spec has
//
//	"slices":{"version":2,"length_ns":8000000}
//
// The program then keeps reading standard input. When it has warmed up, it writes a line
//
//	{"schema":1,"ready":{"slice_ns":8000000,"messages":41000}}
//
// and for each line {"slice":true} that it reads it runs a slice and writes
//
//	{"slice":{"messages":41000,"elapsed_ns":8123456,"idle_cpu_ns":20000}}
//
// The first of them leads in: the program does not count it in its reply. (By version 1 it does:
// the first slice is measured.) idle_cpu_ns is the processor time of the process since it
// answered last. At {"end":true} it closes its producers, drains, checks, and writes its reply, a
// measurement of all its slices together, as ever. At the end of standard input without that it exits. It may
// write its reply at any time instead of an answer, and is then over: that is how a failure
// is told. So a program that does not know slices, and ignores the key, is measured in the
// form of one round; if its describe (see below) does not say "slices":2, or 1, it is not even asked.
//
// A failure of kind delivery is about items that were lost, doubled, reordered or
// altered, one of kind promise about any other promise of the contract; the detail
// begins with its name. A program is judged by what it sends: one that leaves out its
// backlog, or ignores the spec's inspect, as it may, is not judged by them.
//
// A reply may name the build of the program that answers, as a text that no other build
// has: a trial of fanin-bench itself that another build executed has failed.
//
// A program need not know every parameter of a cell. One that it does not know may
// not be ignored, as something else would then be measured under that name: the
// answer is a failure of kind error that names it. The same holds for the method: a
// number is comparable where the program warms up, measures and checks as above.
//
// # Strategies of other programs
//
// `fanin-bench run --program PATH` runs "PATH describe", which within ten seconds
// writes one JSON object to standard output and exits 0: the schema, and its
// strategies in the form of `fanin-bench list --format json`:
//
//	$ bin/originals describe
//	{"schema":1,"strategies":[{"name":"tokio-mpsc","doc":"...","order":"global",
//	  "bound":"bounded in total","policies":["block"],"wait":"parks at once",
//	  "module":"crates.io/tokio@1.0.0","source":"https://..."},...],"slices":2}
//
// slices says by which version its trials take turns; absent, they do not.
// name, doc, order, bound and wait are needed, and policies of a bounded strategy.
// lanes says that the number of lanes can be set, batch that a batch is sent in one
// step, lacks which promises are not kept and why, floor that one carries nothing and shows
// what the program's own harness costs; module is where the queue comes
// from, and family what it is built on, to filter by. processes says that the producers
// can be shared out among as many processes as the cell's processes, of one that leaves the
// process; delivery what then becomes of messages when one ends suddenly, and survives
// which of producer, broker and consumer may. A measurement of it names its processes
// by role, with what each role used, and counts apart what came twice or late. Names must not be taken. From
// then on these strategies are like any other to scenarios, tables and figures, only
// that their trials are executed by "PATH trial" ([AskProgram], [Runner]). The run's manifest keeps PATH, but --resume wants
// it named again: a directory from elsewhere shall have nothing executed. The kit of
// package conformance calls a strategy, so it cannot be used on those of another
// program: what is checked of them is every delivery of every trial, by that program.
// PATH is executed where it lies; a trial fails if its file is no longer what it was.
//
// The package is the program's own: its API may change with every version.
package harness
