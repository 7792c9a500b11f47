// Package machine is what the harness asks of the machine on which it runs: the time
// ([Clock]), what the process and the runtime have used ([ReadUsage], [ReadCounters]), how
// much memory a trial may take ([DefaultMemoryLimit]), and what is stored of it beside
// every result ([ReadEnvironment], [OwnBuild]).
//
// The package is the program's own: its API may change with every version.
package machine
