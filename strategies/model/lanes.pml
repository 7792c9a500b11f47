/* The ready list of ringLanes and the end of its lanes: ringlanes.go and
 * ringlane_close.go, the sends and Close of ringlane_producer.go, consumer.go and
 * lifecycle.go. Unbounded: room is in room.pml. The consumer's goroutine is in
 * lanes_consumer.pml.
 *
 * An inline is the function of its name, of ringLane or ringLanes; closeLane is close,
 * closeProducer is Close; leave is that of lifecycle and the wake after it; enlisted and
 * returned are the ends of announce and Send; the process leaver is Close of consumer,
 * with discard, of which dropList is the end; closer is another goroutine in
 * closeProducer; trimmer is trim of a lane. Variables have their names of the code, but
 * that next is ringLane.ready, open is lifecycle.state, closed, accepted and inList are
 * for the assertions only.
 *
 * A step is one atomic operation of the Go code, with the plain work on its own
 * variables that follows it, or what a lock guards from all who look at it. Go's
 * atomics are sequentially consistent, so the interleavings of these steps are all
 * there is. What counts items or time in Go is left open here, so that every choice is
 * tried: where the buffer or a turn ends (take), after how many misses a lane leaves
 * the rotation (turn), whether a producer closes early, when a lane is trimmed (trim has
 * seen the same tail before), when a context ends (park). Rings have numbers, from 1 in
 * each lane; they are not used again.
 *
 * Claims: every item is received once and in order, and from the ring that it was
 * sent to; what a send accepted is received before the end, unless the consumer
 * closes, and what failed never is; the end comes when every lane is let go of, and
 * not before; a send that begins after a Close fails; the consumer never parks for
 * good while there is something to receive, the end has come or it is closed (a
 * deadlock), nor goes round without receiving or parking (a cycle, looked for with
 * SPINS); a poll finds what was accepted before it (with COUNTS); one token at most is
 * under way; no lane is twice in the list and the rotation; lanes that are closed are
 * forgotten, and have no rings.
 *
 * Variants: P producers, N items each; GIVE_UP=n: up to n contexts end; TRIM=n: n
 * times the timer looks at a lane; BESIDE=n: the last n producers are closed by others,
 * beside their sends; CLOSES: so is the consumer; CHAIN: lanes go on in other rings;
 * STAYS: producer 0 never closes; FULL: producers do not close early; ONE_ITEM: a
 * buffer of one item, and lanes that are open leave the rotation only when all do.
 * WATCHES: the consumer does not park but waits in a select for the channel of Ready.
 * M_...: deliberately wrong. */

#ifndef P
#define P 2
#endif
#ifndef N
#define N 2
#endif
#ifndef BESIDE
#define BESIDE 0
#endif
#define R (2 * P + 1)       /* the rotation, with gaps, is never longer */
#define NIL P               /* no lane */
#define BED (P + 1)         /* &asleep, in the head of the list */
#define EYE (P + 2)         /* &watched */
#define WAITS(h) ((h) == BED || (h) == EYE)

#define IDLE 0
#define LISTED 1
#define CLOSED 2

/* Of each lane. */
byte tail[P];
byte head[P];
byte state[P];
bool done[P];
byte final[P];
bool mu[P];
byte filling[P];            /* a ring, or 0 */
byte draining[P];
byte next[P];               /* ringLane.ready */
bool removed[P];            /* from the registry */

/* Of the fan-in. */
byte ready = NIL;
byte open = P;              /* lifecycle.state */
bool left;
chan token = [1] of { bit };
bool told;                /* the channel of Ready has something */

/* Which ring each item is in; and with CHAIN which rings have a next one, the one with
 * the next number, and where they end. */
byte where[P * N];
#ifdef CHAIN
#define RING(l, r) ((l) * N + (r) - 1)
bool linked[P * N];
byte ends[P * N];
#endif

/* Ghosts, which only assertions read. */
bool inList[P];
bool closed[P];             /* a Close that ends the lane has returned */
byte accepted[P];           /* sends that returned nil */

inline give() {             /* token.give */
	assert(nfull(token));
	token!1
}

inline rouse(h) {           /* by who has taken h from the head of the list */
	if
	:: h == BED -> give()
#ifndef M_WATCH_UNTOLD
	:: h == EYE -> told = true
#endif
	:: else
	fi
}

inline wakeConsumer() {     /* ringLanes.wake; sets last */
	last = ready;
	if
	:: WAITS(last) ->
	   if
	   :: atomic { ready == last -> ready = NIL }
	      rouse(last)
	   :: else
	   fi
	:: else
	fi;
	last = 0
}

inline push(l) {            /* sets last */
	do
	:: atomic {
	   last = ready;
	   next[l] = (WAITS(last) -> NIL : last) }
	   if
	   :: atomic { ready == last ->
	      ready = l;
	      assert(!inList[l]);
	      inList[l] = true }
	      rouse(last);
	      break
	   :: else
	   fi
	od;
	last = 0
}

inline cut(l) {
	draining[l] = 0;
	filling[l] = 0
}

/* ---- Close, from any goroutine ---- */

inline closeLane(l) {       /* sets last, was, end */
	if
	:: atomic { !mu[l] && done[l] -> skip }
	:: atomic { !mu[l] && !done[l] ->
	   mu[l] = true;
	   done[l] = true }                      /* E1 */
#ifdef M_FINAL_EARLY
	   end = tail[l];
	   atomic { was = state[l]; state[l] = CLOSED }
#else
	   atomic { was = state[l]; state[l] = CLOSED } /* E2 */
	   end = tail[l];                        /* E3 */
#endif
	   atomic {
	   if
	   :: was == IDLE && draining[l] == 0 && filling[l] != 0 -> draining[l] = filling[l]
#ifndef M_TRIMMED_ENDS
	   :: was == IDLE && draining[l] == 0 && filling[l] == 0 -> end = head[l]
#endif
	   :: else
	   fi;
	   final[l] = end + 1;
	   end = (end == head[l] -> 0 : end);
	   if
#ifndef M_CLOSE_PUSHES_LATE
	   :: was == IDLE && end != 0
	   :: else -> mu[l] = false
#else
	   :: true -> mu[l] = false
#endif
	   fi }
	   if
	   :: was != IDLE
#ifndef M_CLOSE_KEEPS
	   :: atomic { was == IDLE && end == 0 -> cut(l) }
	      removed[l] = true
#endif
	   :: was == IDLE && end != 0 ->
#ifndef M_CLOSE_UNLISTED
	      push(l);
#endif
#ifndef M_CLOSE_PUSHES_LATE
	      mu[l] = false
#endif
#ifdef M_CLOSE_KEEPS
	   :: else
#endif
	   fi;
	   was = 0; end = 0
	fi
}

inline leave(l) {           /* lifecycle.leave, and the wake after it */
	if
	:: atomic { open > 1 -> open--; closed[l] = true }
	:: atomic { open == 1 -> open--; closed[l] = true }
#ifndef M_END_SILENT
	   wakeConsumer()
#endif
	fi
}

inline closeProducer(l) {
#ifdef M_LEAVE_FIRST
	leave(l);
	closeLane(l)
#else
	closeLane(l);
	leave(l)
#endif
}

proctype closer(byte l) {   /* of a producer, from elsewhere */
	byte last, was, end;
	closeProducer(l)
}

inline dropList() {         /* of discard; sets last */
	do
	:: last = ready;
	   if
	   :: last == NIL || WAITS(last) -> break
	   :: else ->
	      if
	      :: atomic { ready == last -> ready = NIL }
	      :: else
	      fi
	   fi
	od;
	last = 0
}

#ifdef CLOSES
proctype leaver() {         /* Close of consumer, with discard */
	byte k, last, was, end;
	bool mine[P];
	left = true;
	d_step {                                 /* takeAll */
	do
	:: k < P -> mine[k] = !removed[k]; removed[k] = true; k++
	:: else -> break
	od;
	k = 0 }
	do
	:: k < P && mine[k] ->
#ifndef M_DISCARD_SILENT
	   closeLane(k);
#endif
	   cut(k);
	   k++
	:: k < P && !mine[k] -> k++
	:: k == P -> break
	od;
	dropList();
#ifndef M_CLOSE_SILENT
	wakeConsumer();
#endif
	d_step {
	k = 0;
	do
	:: k < P -> closed[k] = true; mine[k] = false; k++
	:: else -> break
	od;
	k = 0 }
}
#endif

/* ---- a producer that sends ---- */

inline fill(l) {            /* of the next ring */
	rings++;
	r = rings;
	filling[l] = r;
#ifndef M_FILL_BLIND
	if
	:: done[l] -> filling[l] = 0
	:: else
	fi
#endif
}

inline more(l) {            /* with begin or extend; sets r, failed */
	r = filling[l];
	if
	:: done[l] -> failed = true
	:: else ->
#ifdef CHAIN
	   if
	   :: r == 0 -> fill(l)
	   :: else ->
	      fill(l);
	      atomic { ends[RING(l, r - 1)] = n; linked[RING(l, r - 1)] = true }
	   fi
#else
	   if
	   :: r == 0 -> fill(l)
	   :: else
	   fi
#endif
	fi
}

inline returned(l) {        /* from send */
	assert(!after || failed);
	after = false;
	r = 0;
	if
	:: failed
	:: else -> accepted[l] = n
	fi
}

inline enlisted(l) {       /* the end of enlist, and announce */
	if
	:: done[l] ->
	   assert(final[l] > 0);                 /* mu was held by who closed it */
	   failed = (n > final[l] - 1)
	:: else
	fi;
	returned(l)
}

inline enlist(l) {          /* sets last */
	if
	:: atomic { !mu[l] && state[l] == IDLE ->
#ifdef M_LIST_TWICE
	   }
	   atomic {
#endif
	   mu[l] = true;
#ifndef M_ENLIST_KEEPS
	   if
	   :: filling[l] == 0 -> filling[l] = r
	   :: else
	   fi;
#endif
	   if
	   :: draining[l] == 0 -> draining[l] = r
	   :: else
	   fi;
	   state[l] = LISTED
#ifdef M_PUSH_LATE
	   ; mu[l] = false
#endif
	   }
	   push(l);
#ifdef M_PUSH_LATE
	   atomic { !mu[l] -> enlisted(l) }
#else
	   atomic { enlisted(l); mu[l] = false }
#endif
	:: atomic { !mu[l] && state[l] != IDLE -> enlisted(l) }
	fi
}

inline send(l) {            /* sets failed */
	atomic { after = closed[l]; r = filling[l] }
	if
	:: r == 0 -> more(l)
#ifdef CHAIN
	:: r != 0 -> more(l)                     /* the ring is full */
	:: r != 0
#else
	:: else
#endif
	fi;
	if
	:: failed -> returned(l)
	:: else ->
	   atomic {
	   where[l * N + n] = r;
	   n++;
	   tail[l] = n }
	   if
	   :: atomic { state[l] == LISTED -> returned(l) }
	   :: else -> enlist(l)
	   fi
	fi
}

proctype producer(byte l) {
	byte last, n, r, rings, was, end;
	bool after, failed;
	do
	:: n == N || failed -> break
#ifndef FULL
	:: n < N && !failed && l < P - BESIDE -> break /* closes early */
#endif
	:: n < N && !failed -> send(l)
	od;
	if
#ifdef STAYS
	:: l == 0
	:: l > 0 && l < P - BESIDE -> closeProducer(l)
#else
	:: l < P - BESIDE -> closeProducer(l)
#endif
	:: l >= P - BESIDE
	fi;
	atomic { n = 0; failed = false; rings = 0 }
}

/* ---- the timer: trim of a ringLane that is in the registry ---- */

#ifdef TRIM
proctype trimmer() {        /* under mu, or of a lane that has nothing: nobody sees a part of it */
	byte l, times;
	do
	:: times < TRIM ->
	   times++;
	   do
	   :: l < P - 1 -> l++
	   :: break
	   od;
	   if
	   :: atomic { !removed[l] && done[l] && final[l] > 0 && head[l] == final[l] - 1 -> cut(l) }
#ifdef M_TRIM_BLIND
	   :: atomic { !removed[l] && !done[l] && !mu[l] && head[l] == tail[l] -> cut(l) }
#elif defined(M_TRIM_UNREAD)
	   :: atomic { !removed[l] && !mu[l] && state[l] == IDLE -> cut(l) }
#else
	   :: atomic { !removed[l] && !mu[l] && state[l] == IDLE && head[l] == tail[l] -> cut(l) }
#endif
	   :: true
	   fi;
	   l = 0
	:: times == TRIM -> break
	od
}
#endif

#include "lanes_consumer.pml"

#ifdef CLOSES
#define ALL_IN true
#else
#define ALL_IN (head[l] == accepted[l] && removed[l] == done[l])
#endif

init {
	byte l;
	atomic {
	do
	:: l < P ->
	   run producer(l);
	   if
	   :: l >= P - BESIDE -> run closer(l)
	   :: else
	   fi;
	   l++
	:: else -> break
	od;
#ifdef TRIM
	run trimmer();
#endif
#ifdef CLOSES
	run leaver();
#endif
	run consumer() }
	_nr_pr == 1 ->
	atomic {
	assert(empty(token));
	l = 0;
	do
	:: l < P ->
	   assert(!mu[l] && ALL_IN);
	   assert(head[l] <= accepted[l]);
	   assert(!done[l] || (draining[l] == 0 && filling[l] == 0));
	   l++
	:: else -> break
	od }
}
