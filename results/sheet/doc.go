// Package sheet is a table that is laid out: rows of text with the numbers behind them,
// a legend for what is neither a number nor a word, and its Markdown. Text from outside
// is made safe here ([OneLine], [Markdown]).
//
// The package is the program's own: its API may change with every version.
package sheet
