// Package inspect looks, once everything is measured, into promises whose breach does
// not show in a round or that nothing in a round tells apart: what a call that may not
// wait takes, what the backlog reads beside the harness's own count, what memory grows
// with the items and with the producers, and what waiting costs. It takes fan-ins of its
// own, with the cell's options, so that no figure depends on it.
//
// The package is the program's own: its API may change with every version.
package inspect
