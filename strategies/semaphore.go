package strategies

var semaphoreDescriptor = Descriptor{
	Name:     "semaphore",
	Doc:      "mutex-cond with a credit per item that comes back when the item is processed, not when it is received",
	Family:   FamilyLocks,
	Source:   "E. W. Dijkstra, “Over de sequentialiteit van procesbeschrijvingen” (EWD-35), 1962: the general semaphore",
	Order:    OrderGlobal,
	Bound:    InFlight,
	Policies: []Policy{Fail, DropNewest},
	Wait:     "parks on a condition variable at once",
	Batch:    true,
}

var semaphoreStrategy = Strategy{
	Descriptor: semaphoreDescriptor,
	Word:       semaphore[Word],
	Message:    semaphore[Message],
	Blocks:     Blocks{semaphore[Block64], semaphore[Block1K], semaphore[Block16K], semaphore[Block64K]},
}

// semaphore is NewSemaphore as a Constructor.
func semaphore[T any](o Options) FanIn[T] { return NewSemaphore[T](o) }

// Semaphore is a fan-in with at most Options.Capacity items in flight, those
// that the consumer has received and still works on included. An item's credit
// is taken by its send and comes back when the consumer comes back: by whichever
// receive call is next, also one that finds nothing, into an empty buffer, or
// under a context that is done. Recv(nil) thus says that the work is done
// without asking for more, and a consumer that receives one item at a time holds
// one credit while it works.
//
// It is the ring of [NewMutexCond] and costs the same. It loses whenever the
// consumer receives as much as there is: nobody can send then until it is done,
// so nothing is ready when it comes back. There is no DropOldest: the oldest
// items in flight are in the consumer's hands.
type Semaphore[T any] struct{ ring mutexCond[T] }

// NewSemaphore returns a fan-in of o.Capacity credits; [Semaphore.Free] tells how
// many are free. It panics with the error of [Options.Validate] if there is one.
func NewSemaphore[T any](o Options) *Semaphore[T] {
	f := new(Semaphore[T])
	f.ring.holds = true
	f.ring.init(o.MustSuit(semaphoreDescriptor))
	return f
}

// Producer is as in [FanIn].
func (f *Semaphore[T]) Producer() Producer[T] { return f.ring.Producer() }

// OnDrop is as in [DropObserver].
func (f *Semaphore[T]) OnDrop(call func(item T)) { f.ring.OnDrop(call) }

// Sender is as in [SenderOpener].
func (f *Semaphore[T]) Sender() Sender[T] { return f.ring.Sender() }

// Consumer is as in [FanIn].
func (f *Semaphore[T]) Consumer() Consumer[T] { return f.ring.Consumer() }

// Backlog is as in [FanIn]: items received are not in it, processed or not.
func (f *Semaphore[T]) Backlog() int { return f.ring.Backlog() }

// Stats is as in [StatsKeeper].
func (f *Semaphore[T]) Stats() Stats { return f.ring.Stats() }

// TimeWaits is as in [WaitTimer].
func (f *Semaphore[T]) TimeWaits() { f.ring.TimeWaits() }

// Free returns how many credits are free, in items: the capacity less what
// waits and what the consumer works on. Anyone may ask at any time.
func (f *Semaphore[T]) Free() int {
	f.ring.mu.Lock()
	defer f.ring.mu.Unlock()
	return f.ring.room()
}
