// Package account keeps what verify checked of each strategy, what it did not, and what broke
// first.
package account
