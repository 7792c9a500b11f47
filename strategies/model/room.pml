/* A producer that waits for room on its lane: more, reach, await and wake of
 * ringlane_producer.go and ringlane.go, take of ringlane.go, discard of ringlanes.go.
 * How the consumer learns of items is in lanes.pml; here it sees them by itself. Each
 * lane has one producer and one consumer, so one lane is all there is.
 *
 * A step is one atomic operation of the Go code, or the write or read of one item. The
 * ring is as long as the capacity; that the lane goes on in another ring (extend) is
 * left out. What counts in Go is left open: how many items a take takes, when the
 * context ends.
 *
 * Claims: no item is overwritten before it is read, nor read before it is written; the
 * bound holds; the producer never waits for good (a deadlock) with room there or the
 * consumer gone; one token at most is under way, and none is left over.
 *
 * Variants: C capacity, N items; GIVE_UP=n: up to n contexts end, and the
 * producer tries again;
 * CLOSES: the consumer may close. M_...: deliberately wrong. */

#ifndef C
#define C 2
#endif
#ifndef N
#define N 5
#endif

byte head, tail;
byte slots[C];              /* which item is in it, from 1; 0: none */
bool gone;                  /* state is laneGone */
bool waiting;
chan token = [1] of { bit };

inline give() {             /* token.give */
	assert(nfull(token));
	token!1
}

/* ringLane.await: failed is set if the context ended. */
inline await() {
#ifdef M_LOOK_FIRST
	ready = (sent - head < C);
	waiting = true;
#else
	waiting = true;
	ready = (sent - head < C);
#endif
#ifndef M_GONE_UNSEEN
	if
	:: !ready -> ready = gone
	:: else
	fi;
#endif
	if
	:: ready
	:: !ready ->
	   if
	   :: token?_ -> woken = true
#ifdef GIVE_UP
	   :: gaveUp < GIVE_UP -> gaveUp++; failed = true
#endif
	   fi
	fi;
	if
	:: woken -> woken = false
	:: else ->
	   if
	   :: atomic { waiting -> waiting = false }
	   :: else ->
#ifndef M_RETRACT_FORGETS
	      token?_
#endif
	   fi
	fi;
	ready = false
}

proctype producer() {
	byte sent, limit;
	bool ready, woken, failed;
#ifdef GIVE_UP
	byte gaveUp;
#endif
	do
	:: sent == N -> break
	:: sent < N && sent == limit ->          /* more */
	   if
	   :: gone -> break
	   :: else ->
	      limit = head + C;                  /* reach */
	      if
	      :: sent < limit
	      :: else -> await(); failed = false /* SendContext fails; once more */
	      fi
	   fi
	:: sent < N && sent != limit ->          /* Send */
#ifdef M_TAIL_FIRST
	   tail = sent + 1;
#endif
	   atomic {
	   assert(slots[sent % C] == 0);
	   slots[sent % C] = sent + 1 }
	   sent++;
#ifndef M_TAIL_FIRST
	   tail = sent;
#endif
	   if
	   :: gone -> break                      /* listed: ErrClosed */
	   :: else
	   fi
	od
}

inline wake() {             /* ringLane.wake */
	if
	:: waiting ->
	   if
#ifdef M_WAKE_STORES
	   :: true -> waiting = false; give()
#else
	   :: atomic { waiting -> waiting = false }
	      give()
	   :: else
#endif
	   fi
	:: else
	fi
}

proctype consumer() {
	byte at, seen;
	do
	:: at == N -> break
	:: atomic { at < N && at == seen && tail != seen -> seen = tail }
	   assert(seen - at <= C)
	:: at < seen ->                          /* take, then the wake of turn */
#ifdef M_HEAD_FIRST
	   head = seen;
#endif
#ifdef M_WAKE_FIRST
	   wake();
#endif
	   do
	   :: atomic { at < seen ->
	      assert(slots[at % C] == at + 1);
	      slots[at % C] = 0;
	      at++ }
	      if
#ifndef M_HEAD_FIRST
	      :: break                           /* the buffer or the turn ends */
#endif
	      :: at < seen
	      :: at == seen -> break
	      fi
	   od;
#ifndef M_HEAD_FIRST
	   head = at;
#endif
#ifndef M_WAKE_FIRST
	   wake()
#endif
#ifdef CLOSES
	:: true ->                               /* discard */
#ifdef M_GONE_LATE
	   wake();
	   gone = true;
#else
	   gone = true;
	   wake();
#endif
	   break
#endif
	od
}

init {
	atomic { run producer(); run consumer() }
	_nr_pr == 1 -> assert(empty(token) && !waiting && (gone || head == N))
}
