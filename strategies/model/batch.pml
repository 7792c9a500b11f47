/* Items that lie with the producers of chan-batch, and a consumer that is about to wait: put,
 * show, flush, stall and Close of chan_batch.go, recv, TryRecv, take and collect of
 * chan_batch_consumer.go, and the consumer's Close with discard. The channel is Go's. How a
 * producer waits for room is in waiters.pml: here it sees room by itself.
 *
 * A step is one atomic operation of the Go code, or what happens under the lock of the list. A
 * producer's own lock is held over several steps. Items are counted, for their order is that
 * of slices, which a channel keeps.
 *
 * Claims: the consumer never waits for good (a deadlock) beside items that lie, nor a producer
 * beside room that could be; all items are received; after the consumer's Close none is left
 * anywhere, and a receive that waits ends.
 *
 * Variants: P producers of N items, C capacity, LIMIT items that a producer collects, B items
 * that a receive has room for; STAYS: no producer closes before all is received, or the
 * consumer has; GIVE_UP=n: up to n contexts end in a receive; CLOSES: the
 * consumer is closed beside its receive; WATCHES: it waits in a select, for Ready.
 * M_...: deliberately wrong. */

#ifndef P
#define P 2
#endif
#ifndef N
#define N 2
#endif
#ifndef C
#define C 2
#endif
#ifndef LIMIT
#define LIMIT 2
#endif
#ifndef B
#define B 2
#endif

#define NIL 0

byte free = C;
byte lies[P];               /* items in the producer's slice */
bool mu[P];
bool listed[P];             /* it is in the list, or in the hands of who fetched that */
bool unsent[P];             /* the list */
chan slices = [P * N + 2] of { byte };
bool shut;                  /* slices is closed */
byte open = P;
bool waiting, woken, left;
bool thrown;                /* the consumer's Close has thrown everything away */
#ifdef STAYS
bool gone;                  /* the consumer has come to an end */
#endif
byte rest;
byte got;
#ifdef WATCHES
bool waits;
chan ready = [1] of { bit };
#endif

inline lock(p) { atomic { !mu[p] -> mu[p] = true } }
inline unlock(p) { mu[p] = false }

inline signal() {           /* of readiness */
	atomic {
	if
	:: nfull(ready) -> ready!1
	:: full(ready)
	fi }
}

inline wake() {             /* chanWatch.wake */
#ifdef WATCHES
	if
	:: waits ->
	   if
	   :: atomic { waits -> waits = false; }
	      signal()
	   :: else
	   fi
	:: else
	fi
#else
	skip
#endif
}

/* wanted */
inline want() {
	wanted = false;
	if
	:: waiting ->
	   if
	   :: atomic { waiting -> waiting = false; wanted = true }
	   :: else
	   fi
	:: else
	fi
}

inline flush(p) {           /* under the producer's lock */
	if
	:: lies[p] > 0 ->
#ifdef M_WATCH_FIRST
	   wake();
#endif
	   atomic { slices!lies[p]; lies[p] = 0 }
#ifndef M_WATCH_FIRST
	   wake()
#endif
	:: else
	fi
}

inline leaveAndClose() {
	if
	:: atomic { open == 1 -> open = 0; }
	   shut = true;
	   wake()
	:: atomic { open > 1 -> open-- }
	fi
}

inline sendNil() {
	if
	:: atomic { !woken -> woken = true }
	   slices!NIL
	:: else
	fi
}

inline wakeReceiver() {
	if
	:: atomic { open > 0 -> open++ }     /* join */
	   sendNil();
	   leaveAndClose()
	:: else
	fi
}

/* The list, taken into fetched; that and q are the caller's. */
inline fetch() {
	atomic {
	q = 0;
	do
	:: q < P -> fetched[q] = unsent[q]; unsent[q] = false; q++
	:: else -> break
	od;
	q = 0 }
}

inline discard() {
	fetch();
	do
	:: q < P && fetched[q] -> lock(q); listed[q] = false; lies[q] = 0; unlock(q); q++
	:: q < P && !fetched[q] -> q++
	:: q == P -> break
	od;
	rest = 0;
	saw = false;
	do
	:: atomic { slices?b ->
	   if :: b == NIL -> woken = false; saw = true :: else fi }
	:: atomic { empty(slices) -> break }
	od;
	if
	:: saw && !shut -> wakeReceiver()
	:: else
	fi
}

proctype producer(byte id) {
	bool wanted, saw;
	bool fetched[P];
	byte i, q, b;
	do
	:: i == N -> break
	:: i < N ->
	   if
	   :: left -> break
	   :: atomic { free > 0 -> free-- }
	   :: free == 0 && !left ->             /* stall, then wait for room */
	      lock(id);
	      flush(id);
	      unlock(id);
	      if
	      :: left -> discard()
	      :: else
	      fi;
	      if
	      :: atomic { free > 0 -> free-- }
	      :: left -> break
	      fi
	   fi;
	   i++;
	   lock(id);                            /* put */
	   lies[id]++;
	   wanted = false;
	   if
	   :: listed[id] && lies[id] < LIMIT -> want()
	   :: else -> wanted = true
	   fi;
	   if
	   :: !wanted -> unlock(id)
	   :: wanted ->
	      if                                  /* show */
	      :: !listed[id] && lies[id] < LIMIT -> want()
	      :: else -> wanted = true
	      fi;
	      if
	      :: !wanted ->
	         listed[id] = true;
	         unsent[id] = true;
#ifndef M_ENTER_BLIND
	         want()
#endif
	      :: else
	      fi;
	      if
	      :: wanted -> flush(id)
	      :: else
	      fi;
	      unlock(id);
#ifndef M_LEFT_UNSEEN
	      if
	      :: left -> discard()
	      :: else
	      fi
#endif
	   fi
	od;
#ifdef STAYS
	gone || got == P * N;
#if P == 1
	if
	:: gone && thrown -> assert(lies[id] == 0)
	:: else
	fi;
#endif
#endif
	lock(id);                               /* Close */
#ifndef M_CLOSE_KEEPS
	flush(id);
#endif
	atomic { if :: unsent[id] -> unsent[id] = false; listed[id] = false :: else fi }
	unlock(id);
	leaveAndClose();
	if
	:: left -> discard()
	:: else
	fi
}

/* drain of the consumer, into n. */
inline drain() {
	if
	:: current == 0 -> atomic { current = rest; rest = 0 }
	:: else
	fi;
	do
	:: n == B -> break
	:: n < B && current > 0 ->
	   atomic { d = (current < B - n -> current : B - n); n = n + d; current = current - d; d = 0 }
	:: n < B && current == 0 ->
	   if
	   :: atomic { slices?b ->
	      if
	      :: b == NIL -> woken = false
	      :: else -> current = b
	      fi }
	      if
	      :: b == NIL -> break
	      :: else
	      fi
	   :: atomic { empty(slices) -> if :: shut -> ended = true :: else fi }
	      break
	   fi
	od;
	if
	:: current > 0 -> rest = current; current = 0
	:: else
	fi;
	if
	:: n > 0 -> atomic { free = free + n; taken = taken + n }
	:: else
	fi
}

inline collect() {
	taken = 0;
	fetch();
	do
	:: q < P && fetched[q] ->
#ifdef M_FLUSH_UNLOCKED
	   listed[q] = false;
#else
	   lock(q);
	   listed[q] = false;
	   flush(q);
	   unlock(q);
#endif
	   q++
	:: q < P && !fetched[q] -> q++
	:: q == P -> break
	od
}

/* take: n items, or over is set. */
inline take() {
	n = 0;
	if
	:: left -> current = 0; over = true
	:: else ->
	   drain();
	   if
	   :: n == 0 -> collect(); drain()
	   :: n > 0 && taken >= C -> collect()
	   :: else
	   fi;
#ifndef M_REST_KEPT
	   if
	   :: left -> discard()
	   :: else
	   fi;
#endif
	   if
	   :: n == 0 && (left || ended && free == C) -> over = true
	   :: else
	   fi
	fi;
	atomic { got = got + n }
}

proctype consumer() {
	bool over, ended, saw;
	bool fetched[P];
	byte n, d, q, b, current, taken;
#ifdef GIVE_UP
	byte gaveUp;
#endif
	do
	:: over -> break
	:: else ->
#ifdef WATCHES
	   take();                                /* TryRecv */
	   if
	   :: n == 0 && !over ->
	      waits = true;
#ifndef M_UNANNOUNCED
	      waiting = true;
#endif
	      take();
	      if
	      :: n > 0 || over -> waiting = false; waits = false
	      :: else ->
	         if                               /* Ready */
	         :: !waits -> signal()
	         :: else
	         fi;
	         ready?_
	      fi
	   :: else
	   fi
#else
	   take();                                /* recv */
	   do
	   :: n > 0 || over -> break
	   :: else ->
#ifdef M_LOOK_FIRST
	      take();
	      waiting = true;
#else
	      waiting = true;
	      take();
#endif
	      if
	      :: n > 0 || over -> break
	      :: else
	      fi;
	      if                                  /* wait */
	      :: atomic { slices?b ->
	         if
	         :: b == NIL -> woken = false
	         :: else -> current = b
	         fi }
	      :: atomic { shut && empty(slices) -> ended = true }
#ifdef GIVE_UP
	      :: gaveUp < GIVE_UP -> gaveUp++; break
#endif
	      fi;
	      take()
	   od;
	   waiting = false
#endif
	od;
	if
	:: thrown -> assert(rest == 0)
	:: else
	fi
#ifdef STAYS
	; gone = true
#endif
}

#ifdef CLOSES
proctype closer() {
	bool saw;
	bool fetched[P];
	byte q, b;
	left = true;
	discard();
	thrown = true;
#ifndef M_CLOSE_SILENT
	wakeReceiver();
#endif
	wake()
}
#endif

init {
	byte p;
	atomic {
	do
	:: p < P -> run producer(p); p++
	:: else -> break
	od;
#ifdef CLOSES
	run closer();
#endif
	run consumer() }
	_nr_pr == 1;
	p = 0;
	do
	:: p < P -> assert(lies[p] == 0 && !unsent[p]); p++
	:: else -> break
	od;
	assert(rest == 0);
	assert(left || got == P * N && free == C);
	do
	:: nempty(slices) -> slices?p; assert(p == NIL)
	:: empty(slices) -> break
	od
}
