package trial

import (
	"time"

	"github.com/fanin-bench/fanin-bench/harness/trial/neighbours"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/warmup"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// trialOverhead is what starting a child and warming its clock takes.
const trialOverhead = 50 * time.Millisecond

// Expected is roughly how long a trial of a cell takes that may use so much memory, in
// bytes; 0 for any amount.
func Expected(c results.Cell, memoryLimit int64) time.Duration {
	if c.Policy == "" && c.Messages*int64(c.Payload) > memoryLimit && memoryLimit > 0 {
		return blowUp // it will not live to see the end
	}
	took := trialOverhead + time.Duration(c.Processes)*processTime + expected(c)
	if c.Busy > 0 {
		took += busyTime
	}
	return took
}

// expected is roughly how long a trial takes from its warm-up on.
func expected(c results.Cell) time.Duration {
	length := time.Duration(c.DurationNs)
	perPace := max(float64(c.Producers), float64(warmup.Shortest/max(paceOf(c), 1))) // messages in a round, for a slow consumer
	switch {
	case c.Kind == results.KindSearch:
		return 2 * searchSteps * searchRound
	case c.Kind == results.KindProbe:
		return probeTime
	case c.IsOpen():
		round := offerRoundOf(c)
		return openRounds*max(round, consumption(c, c.Rate*round.Seconds())) +
			max(length, consumption(c, c.Rate*length.Seconds()))
	case c.Messages > 0:
		return warmup.Rounds*consumption(c, min(float64(c.Messages), perPace)) + consumption(c, float64(c.Messages))
	default:
		least := consumption(c, min(float64(warmup.LeastMessages(c.Producers)), perPace))
		measured, warm := max(length, least), length
		if TakesTurns(c) == nil {
			slice := max(SliceOf(c), least)
			measured = time.Duration(1+Turns(length, slice)) * (slice + betweenSlices) // the first leads in
			warm = min(length, warmUpSlices*SliceOf(c))
		}
		return max(warm, warmup.Rounds*consumption(c, min(warmup.First, perPace))) + measured
	}
}

// consumption is roughly how long a consumer takes over so many messages. Of those
// that nobody waits for it gets what the fan-in holds, and its own batch.
func consumption(c results.Cell, messages float64) time.Duration {
	if c.Policy != "" && c.Policy != strategies.Block.String() {
		messages = min(messages, float64(c.Capacity+c.RecvBatch))
	}
	each := float64(closedItem + closedByte*time.Duration(c.Payload) + paceOf(c))
	return time.Duration(min(messages*each, float64(MaxTimeout))) // no trial takes longer
}

// What parts of a trial take on a 2-core machine; only estimates depend on them.
const (
	closedItem = 200 * time.Nanosecond // by the slower strategies
	closedByte = time.Nanosecond       // of payload: written, carried and compared
	openRounds = 4                     // of an open loop's warm-up
	probeTime  = 700 * time.Millisecond

	// of a process of producers, with its share of a broker's: 4 and 16 of them made trials last
	// 0.3 and 0.5 s longer
	processTime = 40 * time.Millisecond

	blowUp = time.Second // of messages as large as it takes

	betweenSlices = 500 * time.Microsecond

	busyTime = neighbours.AloneTime + (warmup.Rounds+1)*neighbours.Slice // neighbours alone, and beginning again in each round
)

// Footprint is roughly the memory that a trial's process keeps while it waits for its
// turn, in bytes, if it may use so much; 0 for any amount.
func Footprint(c results.Cell, memoryLimit int64) int64 {
	item := int64(itemBytes + c.Payload)
	waiting := min(warmUpItems*item, mostWaiting)
	if c.Capacity > 0 && c.Policy != "" { // a queue may have its room from the beginning
		waiting = min(int64(c.Capacity)*int64(c.Producers)*item, mostWaiting)
	}
	if c.CapacityBytes > 0 {
		waiting = min(waiting, int64(c.CapacityBytes)+int64(c.Capacity)*int64(c.Producers)*itemBytes)
	}
	bytes := processBytes + int64(c.Producers)*producerBytes + 2*waiting // the collector lets it double
	if memoryLimit > 0 {
		bytes = min(bytes, memoryLimit)
	}
	return bytes
}

// What a trial's process takes; only plans of what fits side by side depend on them.
const (
	processBytes  = 24 << 20
	producerBytes = 24 << 10 // goroutine, lane, sampled times
	itemBytes     = 32       // with what links it
	warmUpItems   = 1 << 20  // that wait in an unbounded queue while it warms up
	mostWaiting   = 256 << 20
)
