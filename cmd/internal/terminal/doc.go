// Package terminal writes for people: aligned tables, colours where they are wanted,
// sparklines, and how far something is. Where nobody looks on, as in a pipe or a log, there
// is neither colour nor a bar that moves.
package terminal
