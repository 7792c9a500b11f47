package conformance

import (
	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/process"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/schedule"
)

// check tries one promise.
type check struct {
	name    string
	promise strategies.Promise
	run     func(*env) error
	// unless says why a strategy is not concerned; nil or "": it is.
	unless func(strategies.Descriptor) string
	// without says what a strategy has not got that is checked; nil or "": it has.
	without func(strategies.Strategy) string
	// needs is what else must be kept for the check to be made: what holds more
	// or less than its capacity is never full when it should be, and what loses
	// items is waited for in vain.
	needs []strategies.Promise
	// alone says that the check measures the whole process.
	alone bool
}

var (
	byTry                = []strategies.Promise{strategies.PromiseTry}
	byContext            = []strategies.Promise{strategies.PromiseContext}
	byBacklog            = []strategies.Promise{strategies.PromiseBacklog}
	delivered            = []strategies.Promise{strategies.PromiseExactlyOnce}
	exactlyFull          = []strategies.Promise{strategies.PromiseBound}
	exactlyFullByTry     = []strategies.Promise{strategies.PromiseBound, strategies.PromiseTry}
	exactlyFullByContext = []strategies.Promise{strategies.PromiseBound, strategies.PromiseContext}
	exactlyFullByBacklog = []strategies.Promise{strategies.PromiseBound, strategies.PromiseBacklog}
)

// checks is the kit, in the order of the promises.
var checks = []check{
	{name: "many-items", promise: strategies.PromiseExactlyOnce, run: manyItems},
	{name: "tiny-capacities", promise: strategies.PromiseExactlyOnce, run: tinyCapacities},
	{name: "thousands-of-producers", promise: strategies.PromiseExactlyOnce, run: thousandsOfProducers},
	{name: "come-and-go", promise: strategies.PromiseExactlyOnce, run: comeAndGo},
	{name: "every-way", promise: strategies.PromiseExactlyOnce, run: everyWayToSend},
	{name: "random-schedules", promise: strategies.PromiseExactlyOnce, run: randomSchedules, unless: unscheduled},
	{name: "payload", promise: strategies.PromiseIntact, run: payload},
	{name: "payload-by-value", promise: strategies.PromiseIntact, run: payloadByValue, without: noBlocks},
	{name: "happens-before", promise: strategies.PromiseIntact, run: happensBefore},
	{name: "per-producer-order", promise: strategies.PromiseOrder, run: perProducerOrder},
	{name: "global-order", promise: strategies.PromiseOrder, run: globalOrder, unless: unordered},
	{name: "global-order-handover", promise: strategies.PromiseOrder, run: globalOrderHandover, unless: unordered},

	{name: "end", promise: strategies.PromiseDrain, run: end},
	{name: "no-early-end", promise: strategies.PromiseDrain, run: noEarlyEnd},
	{name: "drain-after-close", promise: strategies.PromiseDrain, run: drainAfterClose, unless: holdsNothing},
	{name: "close-after-send", promise: strategies.PromiseDrain, run: closeAfterSend},
	{name: "close-wakes-consumer", promise: strategies.PromiseDrain, run: closeWakesConsumer},
	{name: "stop-beside-sends", promise: strategies.PromiseDrain, run: stopBesideSends, unless: overwrites, without: noStop, needs: delivered},
	{name: "stop-blocked", promise: strategies.PromiseDrain, run: stopBlocked, unless: neverFull, without: noStop, needs: exactlyFullByTry},
	{name: "stop-unopened", promise: strategies.PromiseDrain, run: stopUnopened, unless: overwrites, without: noStop},
	{name: "after-consumer-close", promise: strategies.PromiseConsumerClose, run: afterConsumerClose},
	{name: "blocked-released", promise: strategies.PromiseConsumerClose, run: blockedReleased, unless: neverFull, needs: exactlyFullByTry},
	{name: "consumer-close-race", promise: strategies.PromiseConsumerClose, run: consumerCloseRace},
	{name: "consumer-leaves", promise: strategies.PromiseConsumerClose, run: consumerLeaves},
	{name: "goroutines", promise: strategies.PromiseNoLeak, run: goroutines, alone: true},

	{name: "stopped-consumer", promise: strategies.PromiseBound, run: stoppedConsumer, unless: neverFull, needs: byTry},
	{name: "racing-for-room", promise: strategies.PromiseBound, run: racingForRoom, unless: neverFull, needs: byTry},
	{name: "bound-under-load", promise: strategies.PromiseBound, run: boundUnderLoad, unless: neverFull},
	{name: "held-until-back", promise: strategies.PromiseBound, run: heldUntilBack, unless: freedAtOnce, needs: byTry},
	{name: "fail", promise: strategies.PromiseOverflow, run: failWhenFull, unless: offersNo(strategies.Fail), needs: exactlyFull},
	{name: "drop-newest", promise: strategies.PromiseOverflow, run: dropNewest, unless: offersNo(strategies.DropNewest), needs: exactlyFull},
	{name: "drop-oldest", promise: strategies.PromiseOverflow, run: dropOldest, unless: offersNo(strategies.DropOldest), needs: exactlyFull},
	{name: "drop-oldest-blame", promise: strategies.PromiseOverflow, run: dropOldestBlame, unless: offersNo(strategies.DropOldest), needs: exactlyFull},
	{name: "conservation", promise: strategies.PromiseOverflow, run: conservation},
	{name: "tells-what-it-drops", promise: strategies.PromiseOverflow, run: tellsWhatItDrops, unless: dropsNone, without: noOnDrop, needs: delivered},

	{name: "sparse-sends", promise: strategies.PromiseWake, run: sparseSends},
	{name: "sparse-producers", promise: strategies.PromiseWake, run: sparseProducers},
	{name: "blocked-producer", promise: strategies.PromiseWake, run: blockedProducer, unless: neverFull},
	{name: "room-for-several", promise: strategies.PromiseWake, run: roomForSeveral, unless: notShared},
	{name: "cancelled-waiter", promise: strategies.PromiseWake, run: cancelledWaiter, unless: notShared, needs: exactlyFullByContext},
	{name: "ready-many-items", promise: strategies.PromiseWake, run: readyManyItems, without: noReady, needs: byTry},
	{name: "ready-sparse", promise: strategies.PromiseWake, run: readySparse, unless: overwrites, without: noReady, needs: byTry},
	{name: "ready-between", promise: strategies.PromiseWake, run: readyBetween, unless: overwrites, without: noReady, needs: byTry},
	{name: "ready-at-the-end", promise: strategies.PromiseWake, run: readyAtTheEnd, without: noReady, needs: byTry},
	{name: "ready-at-rest", promise: strategies.PromisePark, run: readyAtRest, unless: overwrites, without: noReady, needs: byTry},
	{name: "idle-cpu", promise: strategies.PromisePark, run: idleCPU, alone: true},

	{name: "try-send", promise: strategies.PromiseTry, run: trySendNeverWaits, unless: neverFull, needs: exactlyFull},
	{name: "try-recv", promise: strategies.PromiseTry, run: tryRecvNeverWaits},
	{name: "try-takes-no-time", promise: strategies.PromiseTry, run: tryTakesNoTime},
	{name: "batch-equals-singles", promise: strategies.PromiseBatch, run: batchEqualsSingles, unless: holdsNothing},
	{name: "batch-in-part", promise: strategies.PromiseBatch, run: batchInPart, unless: neverFilled, needs: exactlyFullByBacklog},
	{name: "empty-batch", promise: strategies.PromiseBatch, run: emptyBatch},
	{name: "context-done", promise: strategies.PromiseContext, run: contextDone},
	{name: "context-recv", promise: strategies.PromiseContext, run: contextRecv},
	{name: "context-send", promise: strategies.PromiseContext, run: contextSend, unless: neverFull, needs: exactlyFull},
	{name: "context-send-race", promise: strategies.PromiseContext, run: contextSendRace, unless: neverFilled, needs: exactlyFull},
	{name: "context-races", promise: strategies.PromiseContext, run: contextRaces},
	{name: "backlog-at-rest", promise: strategies.PromiseBacklog, run: backlogAtRest, unless: holdsNothing},
	{name: "backlog-by-anyone", promise: strategies.PromiseBacklog, run: backlogByAnyone},
	{name: "backlog-moving", promise: strategies.PromiseBacklog, run: backlogMoving, unless: holdsNothing, needs: delivered},
	{name: "backlog-of-one-moment", promise: strategies.PromiseBacklog, run: backlogOfOneMoment, unless: overwrites, needs: delivered},

	{name: "stats-at-rest", promise: strategies.PromiseBacklog, run: statsAtRest, unless: overwrites, without: noStats, needs: delivered},
	{name: "stats-moving", promise: strategies.PromiseBacklog, run: statsMoving, without: noStats, needs: delivered},
	{name: "stats-blocked", promise: strategies.PromiseBacklog, run: statsBlocked, unless: overwrites, without: noTimes, needs: delivered},

	{name: "allocations", promise: strategies.PromiseNoAlloc, run: allocations, unless: allocates, needs: delivered, alone: true},
	{name: "burst-of-words", promise: strategies.PromiseShrink, run: burstOfWords, unless: holdsNothing, alone: true},
	{name: "burst-of-messages", promise: strategies.PromiseShrink, run: burstOfMessages, unless: holdsNothing, alone: true},
	{name: "burst-then-busy", promise: strategies.PromiseShrink, run: burstThenBusy, unless: holdsNothing, needs: delivered, alone: true},
	{name: "thousands-shrink", promise: strategies.PromiseShrink, run: thousandsShrink, unless: holdsNothing, needs: delivered, alone: true},
	{name: "closed-are-collected", promise: strategies.PromiseShrink, run: closedAreCollected, needs: delivered, alone: true},
	{name: "undelivered-are-collected", promise: strategies.PromiseShrink, run: undeliveredAreCollected, unless: holdsNothing, alone: true},
	{name: "long-lived", promise: strategies.PromiseShrink, run: longLived, needs: delivered, alone: true},
	{name: "past-costs", promise: strategies.PromiseShrink, run: pastCosts, unless: holdsNothing, needs: delivered, alone: true},

	{name: "busy-neighbours", promise: strategies.PromisePrompt, run: busyNeighbours, needs: delivered, alone: true},
	{name: "busy-full-speed", promise: strategies.PromisePrompt, run: busyFullSpeed, unless: overwrites, needs: delivered, alone: true},

	{name: "close-blocked", promise: strategies.PromiseClose, run: closeBlocked, unless: neverFull, needs: exactlyFull},
	{name: "close-beside-sends", promise: strategies.PromiseClose, run: closeBesideSends, needs: delivered},
	{name: "close-waiting-consumer", promise: strategies.PromiseClose, run: closeWaitingConsumer},
	{name: "close-unopened", promise: strategies.PromiseClose, run: closeUnopened},
	{name: "close-beside-receives", promise: strategies.PromiseClose, run: closeBesideReceives, needs: delivered},
	{name: "close-before-end", promise: strategies.PromiseClose, run: closeBeforeEnd},
	{name: "closes-at-once", promise: strategies.PromiseClose, run: closesAtOnce},

	{name: "sender-many-items", promise: strategies.PromiseExactlyOnce, run: bySender(manyItems), unless: senderUnless(nil)},
	{name: "sender-tiny-capacities", promise: strategies.PromiseExactlyOnce, run: bySender(tinyCapacities), unless: senderUnless(nil)},
	{name: "sender-happens-before", promise: strategies.PromiseIntact, run: bySender(happensBefore), unless: senderUnless(nil)},
	{name: "sender-order", promise: strategies.PromiseOrder, run: bySender(perProducerOrder), unless: senderUnless(keepsNone)},
	{name: "sender-global-order", promise: strategies.PromiseOrder, run: bySender(globalOrder), unless: senderUnless(unordered)},
	{name: "sender-open", promise: strategies.PromiseDrain, run: senderOpen, unless: senderUnless(nil), needs: byTry},
	{name: "sender-consumer-close", promise: strategies.PromiseConsumerClose, run: bySender(consumerCloseRace), unless: senderUnless(nil)},
	{name: "sender-stopped-consumer", promise: strategies.PromiseBound, run: bySender(stoppedConsumer), unless: senderUnless(neverFull), needs: byTry},
	{name: "sender-racing-for-room", promise: strategies.PromiseBound, run: bySender(racingForRoom), unless: senderUnless(neverFull), needs: byTry},
	{name: "sender-bound-under-load", promise: strategies.PromiseBound, run: bySender(boundUnderLoad), unless: senderUnless(neverFull)},
	{name: "sender-accounts", promise: strategies.PromiseOverflow, run: senderAccounts, unless: senderUnless(nil), needs: delivered},
	{name: "sender-sparse-sends", promise: strategies.PromiseWake, run: bySender(sparseSends), unless: senderUnless(nil)},
	{name: "sender-blocked", promise: strategies.PromiseWake, run: bySender(blockedProducer), unless: senderUnless(neverFull)},
	{name: "sender-fills", promise: strategies.PromiseWake, run: senderFills, unless: senderUnless(neverFilled), needs: exactlyFull},
	{name: "sender-room-for-several", promise: strategies.PromiseWake, run: bySender(roomForSeveral), unless: senderUnless(notShared)},
	{name: "sender-cancelled", promise: strategies.PromiseWake, run: bySender(cancelledWaiter), unless: senderUnless(notShared), needs: exactlyFullByContext},
	{name: "sender-try", promise: strategies.PromiseTry, run: bySender(trySendNeverWaits), unless: senderUnless(neverFull), needs: exactlyFull},
	{name: "sender-context-send", promise: strategies.PromiseContext, run: bySender(contextSend), unless: senderUnless(neverFull), needs: exactlyFull},
	{name: "sender-context-race", promise: strategies.PromiseContext, run: bySender(contextSendRace), unless: senderUnless(neverFilled), needs: exactlyFull},
	{name: "sender-allocations", promise: strategies.PromiseNoAlloc, run: bySender(allocations), unless: senderUnless(allocates), needs: delivered, alone: true},
	{name: "sender-shrinks", promise: strategies.PromiseShrink, run: senderShrinks, unless: senderUnless(holdsNothing), needs: delivered, alone: true},
	{name: "sender-close-beside-sends", promise: strategies.PromiseClose, run: senderCloseBesideSends, unless: senderUnless(nil), needs: delivered},
	{name: "sender-close-blocked", promise: strategies.PromiseClose, run: senderCloseBlocked, unless: senderUnless(neverFull), needs: exactlyFullByTry},

	{name: "wrong-options", promise: strategies.PromiseMisuse, run: wrongOptions},
	{name: "nil-context", promise: strategies.PromiseMisuse, run: nilContext, needs: byContext},
	{name: "empty-buffer", promise: strategies.PromiseMisuse, run: emptyBuffer},
	{name: "empty-sends", promise: strategies.PromiseMisuse, run: emptySends},
	{name: "backlog-after-close", promise: strategies.PromiseMisuse, run: backlogAfterClose, needs: byBacklog},
}

func unscheduled(d strategies.Descriptor) string {
	s := schedule.Schedule{Options: strategies.Options{Policy: d.DefaultPolicy()}}
	if err := s.Suits(d); err != nil {
		return err.Error()
	}
	return ""
}

func unordered(d strategies.Descriptor) string {
	if d.Order != strategies.OrderGlobal {
		return "orders " + d.Order.String() + " only"
	}
	return ""
}

func neverFull(d strategies.Descriptor) string {
	if d.Bound == strategies.Unbounded {
		return "is never full"
	}
	if d.Lossy {
		return "overwrites items when it is full"
	}
	return ""
}

func holdsNothing(d strategies.Descriptor) string {
	if d.Bound == strategies.Rendezvous {
		return "holds nothing: each send waits for its receive"
	}
	return ""
}

// overwrites is for checks of how many items are received.
func overwrites(d strategies.Descriptor) string {
	if d.Lossy {
		return "overwrites items that are not received in time"
	}
	return ""
}

// neverFilled is for checks that fill a fan-in beforehand.
func neverFilled(d strategies.Descriptor) string {
	if why := neverFull(d); why != "" {
		return why
	}
	return holdsNothing(d)
}

func noBlocks(s strategies.Strategy) string {
	if s.Blocks.Block1K == nil {
		return "offers no items of 1 KiB"
	}
	return ""
}

func notShared(d strategies.Descriptor) string {
	if d.Bound != strategies.Total && d.Bound != strategies.InFlight || d.Lossy {
		return "its producers share no room"
	}
	return ""
}

func freedAtOnce(d strategies.Descriptor) string {
	if d.Bound != strategies.InFlight {
		return "frees room by receiving, if it has a bound"
	}
	return ""
}

func offersNo(p strategies.Policy) func(strategies.Descriptor) string {
	return func(d strategies.Descriptor) string {
		if !d.Offers(p) {
			return "offers no policy " + p.String()
		}
		return ""
	}
}

func allocates(d strategies.Descriptor) string {
	if d.Allocates != "" {
		return "declares allocations: " + d.Allocates
	}
	if process.RaceEnabled {
		return "the race detector allocates by itself"
	}
	return ""
}
