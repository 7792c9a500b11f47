/* Goroutines that share a Sender's lanes and wait for room: sender_rings.go (attempt,
 * sendHeld, wakeFor, allot, reclaim, wait, awake, wakeNext, and trim's holdIdle).
 *
 * A step is one atomic operation of the Go code, or what is done under the claim of a
 * lane alone. Lanes are numbers of items; that a lane is listed, and ends, is in
 * lanes.pml. Which lane a goroutine tries is left open, and there are more lanes than
 * goroutines, so that it always finds one that nobody has claimed.
 *
 * Claims: no goroutine waits for good (a deadlock) while there is room; the bound holds;
 * no token is left over.
 *
 * Variants: P goroutines, N items each, C capacity, L lanes; GIVE_UP: a context may be
 * done; TRIM=n: n times a lane is held by trim; SHARE=n: a lane takes n of what is free;
 * LATE: the consumer receives only while what is still to be delivered does not fit, and
 * again when all has been sent; UNEVEN: all but the first send one item less.
 * M_...: deliberately wrong. */

#ifndef P
#define P 2
#endif
#ifndef N
#define N 2
#endif
#ifndef C
#define C 1
#endif
#ifndef L
#define L (P + 1)
#endif
#ifndef SHARE
#define SHARE 1             /* ringSender.share */
#endif
#define MOST 1              /* mostWoken */

#ifdef UNEVEN
#define ITEMS(w) (N - (w > 0))
#define ALL (P * N - P + 1)
#else
#define ITEMS(w) N
#define ALL (P * N)
#endif

byte held[L];               /* tail less head */
byte quota[L];              /* ringLane.capacity */
byte head[L];
bool claim[L];
byte free = C;
byte items;
byte taken;                 /* by the consumer: the sum of head */
bool mu;
byte woken;
byte count;
byte queue[P];
bool queued[P];
chan token[P] = [1] of { bit };
byte finished;

inline lock() { atomic { !mu -> mu = true } }

inline take_out(at) {       /* waiters.remove */
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

inline wake_next() {
	do
	:: count == 0 -> break
	:: else ->
	   if
	   :: woken >= MOST -> break
	   :: atomic { woken < MOST -> woken++ }
	      atomic {
	      if
	      :: count > 0 -> assert(nfull(token[queue[0]])); token[queue[0]]!1; take_out(0); k = 1
	      :: else -> k = 0
	      fi }
	      if
	      :: k == 1 -> k = 0; break
	      :: else -> woken--
	      fi
	   fi
	od
}

inline join(w, again) {
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

inline take_free() {
	atomic {
	if
	:: free >= SHARE -> free = free - SHARE; got = SHARE
	:: else -> got = free; free = 0
	fi }
}

inline reclaim() {
	o = 0;
	do
	:: o == L -> break
	:: o < L && o == l -> o++
	:: else ->
	   if
	   :: atomic { !claim[o] -> claim[o] = true }
	      n = held[o];
	      if
	      :: quota[o] > n -> free = free + quota[o] - n; quota[o] = n
	      :: else
	      fi;
	      claim[o] = false
	   :: else
	   fi;
	   o++
	od;
	o = 0; n = 0
}

/* Whether who gives a lane up finds room in it: less lies between head and the tail that
 * it leaves than the capacity that it leaves. */
#if defined(M_GIVES_UP_BLIND)
#define ROOM (ok && least < head[l] + C)
#elif defined(M_SENDS_BLIND)
#define ROOM (!ok && least < head[l] + C)
#elif defined(M_KNOWN_ROOM)
#define ROOM (least < before + C)
#else
#define ROOM (least < head[l] + C)
#endif

#ifdef M_LOOKS_FIRST
#define WAITS seen
#else
#define WAITS count
#endif

inline attempt() {          /* sets ok */
	ok = false;
	atomic {
	l = 0;
	do
	:: !claim[l] -> claim[l] = true; break
	:: l + 1 < L -> l++
	od }
	if
	:: held[l] < quota[l] -> ok = true
	:: else ->
	   take_free();
	   if
	   :: got == 0 ->
	      lock();
	      take_free();
	      if
	      :: got == 0 -> reclaim(); take_free()
	      :: else
	      fi;
	      mu = false
	   :: else
	   fi;
	   quota[l] = quota[l] + got;
	   ok = (got > 0)
	fi;
	d_step {
#ifdef M_KNOWN_ROOM
	before = head[l];
#endif
#ifdef M_LOOKS_FIRST
	seen = count;
#endif
	least = head[l] + held[l] + ok + C - quota[l];
	got = 0 }
	if
	:: ok -> atomic { held[l]++; items++; assert(items <= C); assert(held[l] <= quota[l]); claim[l] = false }
	:: else -> claim[l] = false
	fi;
	if
	:: WAITS == 0
	:: else ->
	   if
	   :: ROOM -> l = 0; least = 0; wake_next()
	   :: else
	   fi
	fi;
	l = 0; least = 0
}

inline awake() { woken-- }

inline quit(w) {
	if
	:: atomic { queued[w] ->
	   do
	   :: queue[k] != w -> k++
	   :: else -> break
	   od;
	   take_out(k);
	   k = 0 }
	:: else ->
	   token[w]?_;
	   awake();
	   wake_next()
	fi
}

proctype sender(byte w) {
	byte sent, l, o, n, got, least, j, k;
#ifdef M_KNOWN_ROOM
	byte before;
#endif
#ifdef M_LOOKS_FIRST
	byte seen;
#endif
	bool ok, again;
	do
	:: sent == ITEMS(w) -> break
	:: else ->
	   attempt();
	   if
	   :: ok -> sent++
	   :: else ->
	      again = false;
	      do
	      :: join(w, again);
	         attempt();
	         if
	         :: ok -> quit(w); sent++; break
	         :: else
	         fi;
	         if
	         :: token[w]?_
#ifdef GIVE_UP
	         :: true -> quit(w); sent++; break
#endif
	         fi;
	         awake();
	         attempt();
	         if
	         :: ok ->
	            wake_next();
	            sent++; break
	         :: else
	         fi;
	         again = true
	      od
	   fi
	od;
	finished++
}

#ifdef LATE
#define RECEIVES (ALL - taken > C || finished == P)
#else
#define RECEIVES true
#endif

proctype consumer() {
	byte l, j, k;
	do
	:: finished == P && items == 0 -> break
	:: items > 0 && RECEIVES ->
	   l = 0;
	   do
	   :: held[l] > 0 -> break
	   :: l + 1 < L -> l++
	   :: l + 1 == L && held[l] == 0 -> l = 0
	   od;
#ifdef M_WAKE_FIRST
	   wake_next();
	   atomic { held[l]--; items--; head[l]++; taken++ }
#else
	   atomic { held[l]--; items--; head[l]++; taken++ }
	   wake_next()
#endif
	od
}

#ifdef TRIM
proctype trim() {
	byte times, l, j, k;
	do
	:: times == TRIM -> break
	:: else ->
	   times++;
	   if
	   :: atomic { !mu -> mu = true }
	      l = 0;
	      do
	      :: l + 1 < L -> l++
	      :: break
	      od;
	      if
	      :: atomic { !claim[l] -> claim[l] = true }
	         claim[l] = false;
	         mu = false;
	         wake_next()
	      :: else -> mu = false
	      fi
	   :: else
	   fi
	od
}
#endif

init {
	byte i;
	atomic {
	do
	:: i < P -> run sender(i); i++
	:: else -> break
	od;
	i = 0;
#ifdef TRIM
	run trim();
#endif
	run consumer() }
	_nr_pr == 1 ->
	do
	:: i < P -> assert(empty(token[i])); i++
	:: else -> break
	od
}
