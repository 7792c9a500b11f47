// Package scenario says what to run.
//
//  1. A [Scenario] is a YAML file or one of the built-in ones ([Load]). It lists what to
//     vary: strategies, producer counts, payloads and so on; variants run side by side;
//     and flags override it ([Scenario.Override]).
//  2. [NewPlan] multiplies it out over the known strategies into cells, one per
//     combination, and leaves out what does not concern a strategy. What a cell may be is
//     checked here, for the child that reads one, too ([CheckCell]).
//  3. [Plan.Slots] puts the trials in order: blocks, each a random permutation of all
//     cells drawn from the seed. [Plan.Shard] divides a plan over machines.
//
// Of trials it asks package trial two questions: is this cell possible, and how long
// will it take.
//
// The package is the program's own: its API may change with every version.
package scenario
