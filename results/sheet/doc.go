// Package sheet is a table that is laid out: rows of text with the numbers behind them,
// a legend for what is neither a number nor a word, and its Markdown. Text from outside
// is made safe here ([OneLine], [Markdown]).
//
// It belongs to the program fanin-bench and may change with any version of it.
package sheet
