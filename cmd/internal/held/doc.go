// Package held keeps copies of programs, so that a run measures what it was started with.
package held
