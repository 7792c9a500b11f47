// Package warmup decides when a closed loop is warm: rounds of growing size, until their
// rates agree. It is what trials and programs of their own do alike, whose rates are
// compared.
//
// The package is the program's own: its API may change with every version.
package warmup
