// Package files makes files and directories so that a reader, or a crash at any time,
// never sees half of one, and reads JSON with errors for those who wrote it.
//
//  1. [Write] replaces a file as a whole, wherever its path leads (files.go, owner_*.go).
//  2. [MakeDir] makes a directory and names what is in the way (directory.go).
//  3. [LockDir] keeps other processes from adding to the same directory (lock.go).
//  4. [Making] and [Made] note what is unfinished, which [RemoveUnfinished] removes when
//     the process ends in the middle.
//
// The package is the program's own: its API may change with every version.
package files
