// Package mesh makes many small fan-ins into one.
//
// Each but the last has a goroutine as its consumer, a relay, which is a producer of all
// others. A message passes each of them once, in an order that is its producer's own, and
// then reaches the last, whose consumer is the trial's: with few messages on their way
// nearly all relays are parked, and each message wakes one after the other.
//
// The messages of a producer take the same way, so their order holds wherever it holds in
// each fan-in. Who makes a mesh sees to it that each fan-in has room for all that may be
// on its way: full ones that send to each other would wait for ever.
//
// The package is the program's own: its API may change with every version.
package mesh
