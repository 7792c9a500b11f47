package strategies

// Promise names one promise of the contract, as doc.go numbers them. The
// conformance kit reports what broke by these names.
type Promise string

// The promises, in the order of doc.go.
const (
	PromiseExactlyOnce   Promise = "exactly-once"
	PromiseIntact        Promise = "intact"
	PromiseOrder         Promise = "order"
	PromiseDrain         Promise = "drain"
	PromiseConsumerClose Promise = "consumer-close"
	PromiseNoLeak        Promise = "no-leak"
	PromiseBound         Promise = "bound"
	PromiseOverflow      Promise = "overflow"
	PromiseWake          Promise = "wake"
	PromisePark          Promise = "park"
	PromiseTry           Promise = "try"
	PromiseBatch         Promise = "batch"
	PromiseContext       Promise = "context"
	PromiseBacklog       Promise = "backlog"
	PromiseNoAlloc       Promise = "no-alloc"
	PromiseShrink        Promise = "shrink"
	PromisePrompt        Promise = "prompt"
	PromiseClose         Promise = "close"
	PromiseMisuse        Promise = "misuse"
)

// Promises lists every promise.
func Promises() []Promise {
	return []Promise{
		PromiseExactlyOnce, PromiseIntact, PromiseOrder, PromiseDrain, PromiseConsumerClose, PromiseNoLeak,
		PromiseBound, PromiseOverflow, PromiseWake, PromisePark, PromiseTry, PromiseBatch, PromiseContext,
		PromiseBacklog, PromiseNoAlloc, PromiseShrink, PromisePrompt, PromiseClose, PromiseMisuse,
	}
}
