// Package inflight lets what checks a bound on the items that are received work on
// strategies whose items hold their room until they are processed.
package inflight
