/* Senders that share the room of a fan-in: waiters.go, as mpsc_ring.go uses it (put,
 * wait, sendAll and Close on one side, poll and discard on the other).
 *
 * A step is one atomic operation of the Go code, or what is done under the mutex: the
 * queue is looked at under it alone, and count may as well change at once, as whoever
 * loads a count above zero takes the mutex next. Room is one number; in Go it comes of
 * two loads, of which the older one makes it look larger, never smaller.
 *
 * Claims: no sender waits for good (a deadlock) with room there or the consumer gone;
 * one token at most is under way to each, so that giving it under the mutex does not
 * block, and none is left over; the bound holds.
 *
 * Variants: P senders, N items each, C capacity; GIVE_UP=n: up to n contexts of each end,
 * and it tries again or leaves; BESIDE=n: other goroutines close the first n senders'
 * producers; STALLS: the consumer receives nothing until all senders are through;
 * CLOSES: the consumer may close. M_...: deliberately wrong. */

#ifndef P
#define P 3
#endif
#ifndef N
#define N 2
#endif
#ifndef C
#define C 1
#endif

byte room = C;
byte items;
byte finished;              /* senders that are through */
bool left;
bool closed[P];             /* mpscRingProducer.closed */
byte count;
byte queue[P];              /* its first count places: who waits, the first ahead */
bool queued[P];
chan token[P] = [1] of { bit };

/* waiters.remove of the waiter in place at */
inline remove(at) {
	queued[queue[at]] = false;
	j = at;
	do
	:: j + 1 < count -> queue[j] = queue[j + 1]; j++
	:: else -> break
	od;
	count--;
	queue[count] = 0;
	j = 0
}

inline wake(n) {            /* waiters.wake */
	if
	:: count == 0
	:: else ->
	   atomic {
	   k = n;
	   do
	   :: k > 0 && count > 0 ->
	      assert(nfull(token[queue[0]]));
	      token[queue[0]]!1;
	      remove(0);
	      k--
	   :: else -> break
	   od;
	   k = 0 }
	fi
}

inline join(w, again) {  /* waiters.join */
	d_step {
	queued[w] = true;
	j = 0;
	if
	:: again ->
	   j = count;
	   do
	   :: j > 0 -> queue[j] = queue[j - 1]; j--
	   :: else -> break
	   od
	:: else -> j = count
	fi;
	queue[j] = w;
	count++;
	j = 0 }
}

inline leave(w) {          /* waiters.leave */
	if
	:: atomic { queued[w] ->
	   do
	   :: queue[k] != w -> k++
	   :: else -> break
	   od;
	   remove(k);
	   k = 0 }
	:: else ->
#ifndef M_CANCEL_FORGETS
	   token[w]?_;
#endif
#ifndef M_CANCEL_KEEPS
	   wake(1)
#endif
	fi
}

proctype sender(byte w) {
	byte sent, j, k;
	bool again, found, other;
#ifdef GIVE_UP
	byte gaveUp;
#endif
	do
	:: sent == N || left -> break
	:: closed[w] && sent < N ->
#ifndef M_CLOSED_KEEPS
	   if
	   :: again -> wake(1)
	   :: else
	   fi;
#endif
	   break
	:: else ->
	   if
	   :: atomic { room > 0 -> room--; items++; sent++; again = false; assert(items <= C) }
	   :: else ->                            /* wait */
#ifdef M_LOOK_FIRST
	      found = (left || room > 0);
	      join(w, again);
#else
	      join(w, again);
#ifdef M_LEFT_UNSEEN
	      found = (room > 0);
#else
	      found = left;
	      if
#ifndef M_CLOSED_UNSEEN
	      :: !found -> found = closed[w]
#endif
	      :: else
	      fi;
	      if
	      :: !found -> found = (room > 0)
	      :: else
	      fi;
#endif
#endif
	      if
	      :: found -> leave(w)
	      :: !found ->
	         if
	         :: token[w]?_
#ifdef GIVE_UP
	         :: gaveUp < GIVE_UP ->          /* the next try is another send's */
	            gaveUp++;
	            leave(w);
	            if
	            :: other = true
	            :: break
	            fi
#endif
	         fi
	      fi;
	      found = false;
	      again = !other;
	      other = false
	   fi
	od;
	finished++
}

proctype closer(byte w) {  /* Close, by another goroutine */
	byte j, k;
#ifndef M_RELEASE_FIRST
	closed[w] = true;
#endif
	if                          /* waiters.release */
	:: count == 0 -> goto released
	:: else
	fi;
	if
	:: atomic { queued[w] ->
	   do
	   :: queue[k] != w -> k++
	   :: else -> break
	   od;
	   assert(nfull(token[w]));
	   token[w]!1;
	   remove(k);
	   k = 0 }
	:: else ->
#ifdef M_RELEASE_BLIND
	   assert(nfull(token[w]));
	   token[w]!1
#endif
	fi;
released:
#ifdef M_RELEASE_FIRST
	closed[w] = true
#else
	skip
#endif
}

proctype consumer() {
	byte n, j, k;
#ifdef STALLS
	finished == P ->
#endif
	do
	:: finished == P && items == 0 -> break
	:: items > 0 ->
	   do
	   :: atomic { items > 0 -> items--; n++ }
	      if
	      :: break
	      :: items > 0
	      fi
	   od;
#ifdef M_WAKE_FIRST
	   wake(n);
	   room = room + n;
#else
	   room = room + n;
	   wake(n);
#endif
	   n = 0
#ifdef CLOSES
	:: true ->
	   left = true;
#ifdef M_CLOSE_WAKES_ONE
	   wake(1);
#else
	   wake(P);
#endif
	   break
#endif
	od
}

init {
	byte i;
	atomic {
	do
	:: i < P -> run sender(i); i++
	:: else -> break
	od;
	i = 0;
#ifdef BESIDE
	do
	:: i < BESIDE -> run closer(i); i++
	:: else -> break
	od;
	i = 0;
#endif
	run consumer() }
	_nr_pr == 1 ->
	do
	:: i < P -> assert(empty(token[i])); i++
	:: else -> break
	od
}
