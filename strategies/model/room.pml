/* A producer that waits for room on its lane: more, await, retract and wake of
 * ringlane_producer.go, refreshRoom and take of ringlane.go, and whoever closes the lane, Close
 * of ringlane_producer.go and discard of ringlanes.go. How the consumer learns of items,
 * and what becomes of one that is sent beside a Close, is in lanes.pml; here the consumer
 * sees them by itself. Each lane has one producer and one consumer, so one lane is all
 * there is.
 *
 * A step is one atomic operation of the Go code, or the write or read of one item. The
 * ring is as long as the capacity; that the lane goes on in another ring (extend) is
 * left out, and that slots are fetched ahead (prefetch). What counts in Go is left open: how
 * many items a take takes, when the context ends.
 *
 * Claims: no item is overwritten before it is read, nor read before it is written; the
 * bound holds; the producer never waits for good (a deadlock) with room there or the
 * lane closed; one token at most is under way, and none is left over.
 *
 * Variants: C capacity, N items; GIVE_UP=n: up to n contexts end, and the producer tries
 * again; CLOSES: the consumer may close; BESIDE: somebody else closes the producer.
 * M_...: deliberately wrong. */

#ifndef C
#define C 2
#endif
#ifndef N
#define N 5
#endif

byte head, tail;
byte slots[C];              /* which item is in it, from 1; 0: none */
bool done;
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
#ifndef M_DONE_UNSEEN
	if
	:: !ready -> ready = done
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
	byte sent, room;
	bool ready, woken, failed;
#ifdef GIVE_UP
	byte gaveUp;
#endif
	do
	:: sent == N -> break
	:: sent < N && sent == room ->           /* more */
	   if
	   :: done -> break
	   :: else ->
	      room = head + C;                   /* refreshRoom */
	      if
	      :: sent < room
	      :: else -> await(); failed = false /* SendContext fails; once more */
	      fi
	   fi
	:: sent < N && sent != room ->           /* Send */
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

inline close() {            /* of ringLane, then wake */
#ifdef M_DONE_LATE
	wake();
	done = true
#else
	done = true;
	wake()
#endif
}

#ifdef BESIDE
proctype closer() { close() }
#endif

proctype consumer() {
	byte at, seen;
	do
	:: at == N || done -> break
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
	:: true -> close(); break                /* discard */
#endif
	od
}

init {
	atomic {
	run producer();
#ifdef BESIDE
	run closer();
#endif
	run consumer() }
	_nr_pr == 1 -> assert(empty(token) && !waiting && (done || head == N))
}
