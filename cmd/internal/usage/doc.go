// Package usage finds what is wrong with a command line, and words it in one line that
// names the flag or the argument.
package usage

import "fmt"

// Error marks what the user can mend on the command line.
type Error struct{ Err error }

func (e Error) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e Error) Unwrap() error { return e.Err }

// Errorf returns an Error.
func Errorf(format string, args ...any) error {
	return Error{fmt.Errorf(format, args...)}
}
