/* Senders that share room by weight: weighted_credits.go, as weighted_producer.go (sendOne,
 * sendWeighed and Close) and weighted_consumer.go use it. The fan-in below is a number of
 * items of each sender that lie in it.
 *
 * A step is one atomic operation of the Go code on free, or on whether somebody has closed;
 * what is done to the line is done under the mutex, which is modelled, as give and take change
 * free without it. take is one step: a compare-and-swap that fails changes nothing.
 *
 * Claims: what was taken and not given back is never more than the capacity; no sender waits
 * for good (a deadlock), nor is one left in line by who has the mutex, with room there for the first in line, its producer closed or the
 * consumer gone; nobody takes room while somebody waits; a token at most is under way to each
 * and none is left over; in the end all is given back, and what is counted as held by
 * closed producers is none.
 *
 * Variants: P senders, N items each, C capacity; the first sender's items weigh HEAVY and
 * those of the others 1; BATCH: each asks for room for two and sends as many as it has got
 * it for; GIVE_UP: a context of each may end, and it leaves; BESIDE=n: other goroutines close the
 * first n senders' producers; CLOSES: the consumer may close; OWN: there is one sender, the
 * credits are its own, and it closes when it is through. M_...: deliberately wrong. */

#ifndef P
#define P 3
#endif
#ifndef N
#define N 1
#endif
#ifndef C
#define C 2
#endif
#ifndef HEAVY
#define HEAVY C
#endif
#define QUEUED 100          /* weightQueued */
#define WEIGHT(w) (w == 0 -> HEAVY : 1)

short free = C;
bool mu;
byte count;
byte queue[P];              /* its first count places: who waits, the first ahead */
bool queued[P];
byte granted[P];
byte most[P];
chan token[P] = [1] of { bit };
byte below[P];              /* items that lie in the fan-in below */
byte inside;                /* weight taken and not given back; not in the Go code */
byte owing;                 /* who has given and not served yet; not in the Go code */
byte finished;
bool left;
bool closed[P];
#ifdef OWN
bool shut;
short orphaned, counted;
#endif

inline lock() { atomic { !mu -> mu = true } }
inline unlock() {           /* whom there is room for was served, or will be by who gave it */
	d_step {
	assert(count == 0 || owing > 0 || free + QUEUED < WEIGHT(queue[0]));
	mu = false }
}

/* the waiter in place at leaves the line; whoever is the last gives free its sign back */
inline remove(at) {
	d_step {
	queued[queue[at]] = false;
	j = at;
	do
	:: j + 1 < count -> queue[j] = queue[j + 1]; j++
	:: else -> break
	od;
	count--;
	queue[count] = 0;
	j = 0 }
#ifndef M_REMOVE_FORGETS
	if
	:: count == 0 -> free = free + QUEUED
	:: else
	fi
#endif
}

inline serve() {            /* mu is held */
	do
	:: count == 0 -> break
	:: count > 0 ->
	   room = free + QUEUED;
	   k = queue[0];
	   if
	   :: room < WEIGHT(k) -> k = 0; break
	   :: else
	   fi;
	   atomic {
#ifdef M_GRANTS_MOST
	   granted[k] = most[k];
#else
	   granted[k] = (room < most[k] -> room : most[k]);
#endif
	   free = free - granted[k];
	   inside = inside + granted[k];
	   assert(inside <= C) };
	   remove(0);
	   assert(nfull(token[k]));
	   token[k]!1;
	   k = 0
#ifdef M_SERVES_ONE
	   ; break
#endif
	od;
	room = 0
}

inline recount() {          /* mu is held */
#ifdef OWN
	if
	:: shut ->
	   room = free;
	   do
	   :: room < 0 -> room = room + QUEUED
	   :: else -> break
	   od;
	   orphaned = orphaned + (C - room) - counted;
	   counted = C - room;
	   room = 0
	:: else
	fi
#else
	skip
#endif
}

inline give(n) {
#ifdef M_GIVE_BLIND
	waits = (free < 0);
	atomic { free = free + n; inside = inside - n };
#else
	atomic { free = free + n; inside = inside - n; waits = (free < 0); owing = owing + waits };
#endif
	if
	:: waits ->
	   waits = false;
	   atomic { !mu -> mu = true; owing = owing - (owing > 0 -> 1 : 0) };
	   serve();
	   recount();
	   unlock()
	:: else
	fi
}

/* the place of w in the line, which it is in; mu is held */
inline find(w) {
	k = 0;
	do
	:: queue[k] != w -> k++
	:: else -> break
	od
}

inline join(w) {
	d_step {
	queued[w] = true;
	queue[count] = w;
	count++ };
	if
	:: count == 1 -> free = free - QUEUED
	:: else
	fi
}

proctype sender(byte w) {
	byte sent, got, j, k;
	short room;
	bool waits, gone;
	do
	:: sent == N || left -> break
	:: closed[w] && sent < N -> break
	:: else ->
	   d_step {
	   most[w] = WEIGHT(w);
#ifdef BATCH
	   if
	   :: sent + 1 < N -> most[w] = 2 * WEIGHT(w)
	   :: else
	   fi
#endif
	   };
	   if
#ifdef M_PASSES
	   :: atomic { (free < 0 -> free + QUEUED : free) >= WEIGHT(w) ->
	      assert(free >= 0);
#else
	   :: atomic { free >= WEIGHT(w) ->
#endif
	      got = (free < most[w] -> free : most[w]);
	      free = free - got;
	      inside = inside + got;
	      assert(inside <= C) }
	   :: else ->                           /* wait */
	      lock();
	      granted[w] = 0;
#ifdef M_LOOK_FIRST
	      serve();
#endif
	      join(w);
#ifndef M_CLOSED_UNSEEN
	      gone = closed[w];
	      if
	      :: !gone -> gone = left
	      :: else
	      fi;
#endif
	      if
	      :: gone ->
	         find(w);
	         remove(k);
	         k = 0;
	         serve();
	         unlock();
	         break
	      :: else
	      fi;
#ifndef M_LOOK_FIRST
	      serve();
#endif
	      unlock();
	      if
	      :: token[w]?_
#ifdef GIVE_UP
	      :: true ->                        /* quit */
	         lock();
	         if
	         :: queued[w] ->
	            find(w);
	            remove(k);
	            k = 0;
#ifndef M_QUIT_KEEPS
	            serve();
#endif
	            unlock();
	            break
	         :: else ->
	            unlock();
#ifndef M_QUIT_FORGETS
	            token[w]?_
#endif
	         fi
#endif
	      fi;
	      got = granted[w];
	      if
	      :: got == 0 -> break              /* it was released */
	      :: else
	      fi
	   fi;
	   if                                   /* the fan-in below */
	   :: atomic { left -> skip };
	      give(got);
	      break
	   :: atomic { !left ->
	      below[w] = below[w] + got / WEIGHT(w);
	      sent = sent + got / WEIGHT(w) };
	      got = got % WEIGHT(w);
	      if
	      :: got > 0 -> give(got)
	      :: else
	      fi
	   fi;
	   got = 0
	od;
#ifdef OWN
	lock();                              /* close */
	shut = true;
#ifdef M_RECOUNT_FIRST
	recount();
	free = free - QUEUED;
#else
	free = free - QUEUED;
	recount();
#endif
	unlock();
#endif
	finished++
}

/* release of the waiters from one to the last before another */
inline release(from, to) {
	if
	:: free >= 0
	:: else ->
	   lock();
	   w = from;
	   do
	   :: w < to ->
	      if
	      :: queued[w] ->
	         find(w);
	         remove(k);
	         k = 0;
	         assert(nfull(token[w]));
	         token[w]!1
	      :: else
	      fi;
	      w++
	   :: else -> break
	   od;
	   w = 0;
#ifndef M_RELEASE_KEEPS
	   serve();
#endif
	   unlock()
	fi
}

proctype closer(byte p) {  /* Close, by another goroutine */
	byte w, j, k;
	short room;
	closed[p] = true;
	release(p, p + 1)
}

proctype consumer() {
	byte w, j, k, n;
	short room;
	bool waits;
	do
	:: finished == P ->
	   w = 0;
	   do
	   :: w < P && below[w] == 0 -> w++
	   :: else -> break
	   od;
	   if
	   :: w == P -> break
	   :: else -> w = 0
	   fi
	:: atomic { below[0] > 0 -> n = below[0] * HEAVY; below[0] = 0 };
	   give(n)
#if P > 1
	:: atomic { below[1] > 0 -> n = below[1]; below[1] = 0 };
	   give(n)
#endif
#if P > 2
	:: atomic { below[2] > 0 -> n = below[2]; below[2] = 0 };
	   give(n)
#endif
#ifdef CLOSES
	:: atomic { true -> left = true };
	   release(0, P);
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
	od;
	assert(left || inside == 0);
#ifdef OWN
	assert(left || orphaned == 0 && free == C - QUEUED)
#else
	assert(left || free == C)
#endif
}
