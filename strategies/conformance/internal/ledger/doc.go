// Package ledger keeps the books of traffic through a fan-in: what each producer sent
// and what was received of it, item by item, and which promise broke where the two
// differ. Numbers that come in order take no memory, so that it can follow billions.
package ledger
