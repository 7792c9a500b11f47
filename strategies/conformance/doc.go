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
// for; after that no other check of it is made. [Torture] mixes everything at random
// for as long as it is told, and with a number of items sends half of them through
// one fan-in.
//
// Test, and Check where Options.Schedule says for how long, look for a short schedule
// that breaks a promise again, once one was found broken: a text that package schedule
// describes, for fanin-bench verify --replay or [schedule.Schedule.Run]. Not every
// promise can be broken by one: leaks, time and memory cannot.
//
// A finding names the promise that broke, which need not be the one that its check
// tries: an item lost beside a backlog that is being compared is a breach of
// exactly-once. What is found first is reported first, as the rest may follow from it.
//
// Some checks measure the whole process: its goroutines, its heap, the CPU time it
// uses and how often its goroutines run. They look again before they accuse, because
// the rest of the process may be at work, and compare with what a channel does at the
// same time where a busy machine slows everything; do not run them beside tests that
// compute or allocate (t.Parallel). Other processes only make them take longer.
//
// What a Descriptor declares is taken at its word: a promise it lacks is
// neither checked nor reported, and an order, a bound or a policy it claims is
// held against it. Lacking context or try also keeps these calls out of the
// traffic of other checks. Nearly every check needs io.EOF to end, so a strategy
// that lacks drain is hardly testable.
//
// The promise of stability in CHANGELOG.md covers this package.
package conformance
