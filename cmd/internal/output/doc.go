// Package output is where verbs write, and how much they say: standard output or a file
// that the user names, and the flags --quiet and --verbose.
package output
