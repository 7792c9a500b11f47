// Package conformance tests that a fan-in keeps the contract of package
// strategies. It is importable, so that the author of a queue can test it from
// a module of their own:
//
//	func TestConformance(t *testing.T) {
//		conformance.Test(t, strategies.Strategy{
//			Descriptor: strategies.Descriptor{Name: "mine", Bound: strategies.Total},
//			Word:       mine.New[strategies.Word],
//			Message:    mine.New[strategies.Message],
//		})
//	}
//
// Run it under -race as well: many checks write plain memory before a send and
// read it after the receive, which only the race detector can judge.
//
// Test and [Check] run the same table of checks. Each check tries one promise
// and runs under a watchdog, so a fan-in that hangs is reported and not waited
// for. [Torture] mixes everything at random for as long as it is told.
//
// What a Descriptor declares is taken at its word: a promise it lacks is
// neither checked nor reported, and an order, a bound or a policy it claims is
// held against it. Lacking context or try also keeps these calls out of the
// traffic of other checks. Nearly every check needs io.EOF to end, so a strategy
// that lacks drain is hardly testable.
package conformance
