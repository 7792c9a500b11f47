// Package flagvalue has a type of flag for each kind of value: a number, a time, a size, a
// rate, and lists of them. Each reads a value as package harness reads it in a scenario
// file, and says what is wrong with it in the same words.
package flagvalue
