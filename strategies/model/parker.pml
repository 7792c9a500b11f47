/* The parker of parker.go between TryRecv and recv of consumer.go and any number of
 * producers: prepare, cancel, park, wake, the end by lifecycle.go and finish, and Close
 * of either end by another goroutine. That a strategy claims a place, publishes and
 * then calls wake is all that counts here of what it does, so an item is a number in
 * claimed and then in work, and poll takes all.
 *
 * A step is one atomic operation of the Go code.
 *
 * Claims: the consumer never parks for good (a deadlock) with items there, the end
 * come, or itself closed; at the end everything claimed is received, and nothing is
 * claimed any more; one token at most is under way, and none is left over; the consumer
 * does not go round without receiving or parking (a cycle, looked for with SPINS).
 *
 * Variants: P producers, N items each; GIVE_UP=n: up to n contexts end; STAYS: no
 * producer closes, so that the end wakes nobody; BESIDE: another goroutine closes the
 * producers, at any time; CLOSES: another goroutine may close the consumer.
 * M_...: deliberately wrong. */

#ifndef P
#define P 3
#endif
#ifndef N
#define N 3
#endif

byte claimed;               /* items claimed and not received */
byte work;                  /* those of them that are published */
bool sealed;                /* no claim succeeds */
byte open = P;              /* lifecycle.state */
bool left;                  /* lifecycle.left */
bool asleep;
chan token = [1] of { bit };

inline give() {             /* token.give */
	assert(nfull(token));
	token!1
}

inline wake() {             /* parker.wake */
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

inline leave() {            /* lifecycle.leave, and the wake of the last */
	atomic { open--; last = (open == 0) }
#ifndef M_END_SILENT
	if
	:: last -> wake()
	:: else
	fi
#endif
}

proctype producer() {
	byte n;
	bool last, late;
	do
	:: n == N || late || left -> break
	:: else ->
	   n++;
	   atomic {
	   late = sealed;
	   if
	   :: !late -> claimed++
	   :: else
	   fi }
	   if
	   :: late
#ifdef M_WAKE_FIRST
	   :: else -> wake(); work++
#else
	   :: else -> work++; wake()
#endif
	   fi
	od;
#if !defined(STAYS) && !defined(BESIDE)
	leave()
#endif
}

proctype closer() {         /* Producer.Close of another goroutine */
	bool last;
	leave()
}

proctype leaver() {         /* Consumer.Close of another goroutine */
	if
	:: true
	:: true ->
#ifdef M_CLOSE_WAKES_FIRST
	   wake();
	   left = true
#else
	   left = true;
#ifndef M_CLOSE_SILENT
	   wake()
#endif
#endif
	fi
}

inline finish() {
#ifdef M_FINISH_BLIND
	ended = true
#else
	atomic {
	ended = (claimed == 0);
#ifndef M_NO_SEAL
	sealed = ended
#endif
	}
#endif
}

inline tryRecv() {          /* consumer.TryRecv; sets got, ended or closed */
	if
	:: left -> closed = true
	:: else ->
	   atomic { got = (work > 0); claimed = claimed - work; work = 0 }
	   if
	   :: left -> closed = !got
	   :: !left && !got && open == 0 -> finish()
	   :: else
	   fi
	fi
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
	bool got, ended, closed, announced;
#ifdef GIVE_UP
	byte gaveUp;
#endif
	do
	:: tryRecv();
	   if
	   :: (got || ended || closed) && announced -> cancel(); announced = false
	   :: else
	   fi;
	   if
	   :: got -> got = false
	   :: !got && (ended || closed) -> break
	   :: !got && !ended && !closed && !announced ->
	      asleep = true;                     /* prepare */
	      announced = true;
#ifdef M_LOOK_ONCE
	      token?_; announced = false
#endif
	   :: !got && !ended && !closed && announced ->
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
	assert(closed || !left || ended);
#ifdef STAYS
	assert(closed || claimed == 0)
#else
	assert(closed || open == 0 && claimed == 0)
#endif
}

init {
	atomic {
	byte i;
	do
	:: i < P ->
	   run producer();
#ifdef BESIDE
	   run closer();
#endif
	   i++
	:: else -> break
	od;
#ifdef CLOSES
	run leaver();
#endif
	run consumer() }
	_nr_pr == 1 -> assert(empty(token) && !asleep && (left || work == 0))
}
