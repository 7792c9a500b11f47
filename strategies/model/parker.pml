/* The parker of parker.go between the recv of consumer.go and any number of producers:
 * prepare, cancel, park, unpark, and the end by lifecycle.go. That a strategy publishes
 * before it calls unpark is all that counts here of what it does, so an item is a
 * number in work, and poll takes all. A timer (parkFor) changes nothing but memory.
 *
 * A step is one atomic operation of the Go code.
 *
 * Claims: the consumer never parks for good (a deadlock) with items there or the end
 * come; at the end everything is received; one token at most is under way, and none
 * is left over; the consumer does not go round without receiving or parking (a
 * cycle, looked for with SPINS).
 *
 * Variants: P producers, N items each; GIVE_UP=n: up to n contexts end; STAYS: no
 * producer closes, so that the end wakes nobody. M_...: deliberately wrong. */

#ifndef P
#define P 3
#endif
#ifndef N
#define N 3
#endif

byte work;
byte open = P;              /* lifecycle.state */
bool asleep;
chan token = [1] of { bit };

inline give() {             /* token.give */
	assert(nfull(token));
	token!1
}

inline unpark() {           /* parker.unpark */
	if
	:: asleep ->
	   if
#ifdef M_CLAIM_STORES
	   :: true -> asleep = false; give()
#else
	   :: atomic { asleep -> asleep = false }
	      give()
	   :: else
#endif
	   fi
	:: else
	fi
}

proctype producer() {
	byte n;
	bool last;
	do
	:: n == N -> break
	:: n < N ->
	   n++;
#ifdef M_UNPARK_FIRST
	   unpark();
	   work++
#else
	   work++;
	   unpark()
#endif
	od;
#ifndef STAYS
	atomic { open--; last = (open == 0) }    /* leave */
#ifndef M_END_SILENT
	if
	:: last -> unpark()
	:: else
	fi
#endif
#endif
}

inline tryRecv() {          /* consumer.TryRecv; sets got and ended */
#ifdef M_END_ONCE
	atomic { got = (work > 0); work = 0 }
	ended = (open == 0);
#else
	do
	:: atomic { got = (work > 0); work = 0 }
	   if
	   :: got || ended -> break
	   :: else ->
	      ended = (open == 0);
	      if
	      :: !ended -> break
	      :: else                            /* the end first, then a last look */
	      fi
	   fi
	od
#endif
}

inline cancel() {           /* parker.cancel */
	if
	:: atomic { asleep -> asleep = false }
	:: else ->
#ifndef M_CANCEL_FORGETS
	   token?_
#endif
	fi
}

proctype consumer() {
	bool got, ended, announced;
#ifdef GIVE_UP
	byte gaveUp;
#endif
	do
	:: tryRecv();
	   if
	   :: (got || ended) && announced -> cancel(); announced = false
	   :: else
	   fi;
	   if
	   :: got ->
	      got = false;
	      ended = false
	   :: !got && ended -> break
	   :: !got && !ended && !announced ->
	      asleep = true;                     /* prepare */
	      announced = true;
#ifdef M_LOOK_ONCE
	      token?_; announced = false
#endif
	   :: !got && !ended && announced ->
	      if
	      :: token?_                         /* park */
#ifdef STAYS
	      :: timeout -> asleep = false; break /* at rest, rightly */
#endif
#ifdef GIVE_UP
	      :: gaveUp < GIVE_UP ->
	         gaveUp++;
	         cancel()
#endif
	      fi;
	      announced = false
	   fi
	od;
#ifdef STAYS
	assert(work == 0)
#else
	assert(open == 0 && work == 0)
#endif
}

init {
	atomic {
	byte i;
	do
	:: i < P -> run producer(); i++
	:: else -> break
	od;
	run consumer() }
	_nr_pr == 1 -> assert(empty(token) && !asleep)
}
