// Package program is what a program of your own needs to measure fan-ins by the method of
// fanin-bench: `fanin-bench run --program PATH` executes it. Its main is one line,
//
//	os.Exit(program.Main(os.Args[1:], mine...))
//
// and a [Strategy] of it says what it is and how its two ends work. All else is here:
//
//  1. the protocol of a trial, which package harness describes: JSON in and out, turns,
//     what is refused by name, the time limit (serve.go);
//  2. the processes of producers, where a strategy leaves the process: this program again,
//     as "PATH producers", told by lines of JSON what to send, and gone when its parent is,
//     however that ended (processes.go);
//  3. warm-up rounds until their rates agree, then one that is measured (trial.go);
//  4. the schedule of producers: as fast as they can, or when messages are due, by a timer
//     that an idle process keeps to better than a sleep (produce.go, timer_linux.go);
//  5. the check of every delivery: whole and in the order of its producer or, where a
//     message may come twice, by a set of what has come (check.go);
//  6. times by a clock that all processes share, the processor time and the memory of all
//     of them (clock_linux.go, usage_linux.go).
//
// A message is bytes: eight that say whose it is and which, in longer ones then when it was
// sent and when it was due, each eight, and a byte that follows from its number up to the
// end. A message of a closed loop tells its time of sending once in 16.
//
// A trial is of loads without neighbours, stages, sinks or costs; what else a spec asks
// for is answered with a failure that names it.
//
// The package is the program's own: its API may change with every version.
package program
