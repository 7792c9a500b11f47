// Package advice says which strategy to use for a workload.
//
// [Ask] takes what somebody needs: a workload, and the guarantees that a strategy has to
// give. The [Question] it returns leaves out the strategies that cannot give them, and
// says why. It is answered in one of two ways:
//
//  1. [Question.Measurement] plans a run that fits into a given time; after it was made,
//     [Question.Answer] ranks what it measured.
//  2. [Question.From] answers from the nearest cells of a run that was made before, and
//     names each parameter in which they differ from what was asked.
//
// Both return an [Advice], a value: the candidates in their order, the strategy to use
// and the Go code that uses it, or the reasons why nothing is decided. [Advice.WriteText]
// words it for a terminal.
//
// The package is the program's own: its API may change with every version.
package advice
