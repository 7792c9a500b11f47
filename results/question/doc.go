// Package question is what people ask of a run, in their words: which strategy moves
// the most, answers soonest, gives memory back. [All] is the table of questions, in the
// order of the page. The page answers each by a ranking, the first figure shows how each
// strategy compares with the baseline in those that have a [Question.Head].
//
// A run asks a question under some conditions, each a [Column]. An [Entry] is what a
// strategy has to say there: how many times as good as the baseline it is, or why it says
// nothing.
//
// The package is the program's own: its API may change with every version.
package question
