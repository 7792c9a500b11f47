/* The parker of parker.go between TryRecv, recv and Ready of consumer.go and any number
 * of producers: prepare, cancel, park, watch, wake, the end by lifecycle.go and finish,
 * and Close of either end by another goroutine. That a strategy claims a place, publishes and
 * then calls wake is all that counts here of what it does, so an item is a number in
 * claimed and then in work, and poll takes all, or for who watches as much as it likes.
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
 * producers, at any time; CLOSES: another goroutine may close the consumer or, with
 * STOPS, stop it; WATCHES: the consumer waits in a select for the channel of Ready, asks
 * for that each time, and then makes one receive of any kind, or some; ONCE: it has asked
 * for the channel once, and always receives until it finds nothing.
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
byte state;                 /* of the parker */
#define AWAKE 0
#define ASLEEP 1
#define WATCHING 2
chan token = [1] of { bit };
bool ready;                 /* the channel of Ready has something */

inline give() {             /* token.give */
	assert(nfull(token));
	token!1
}

inline wake() {             /* parker.wake; sets seen */
	seen = state;
	if
	:: seen != AWAKE ->
	   if
#ifdef M_CLAIM_STORES
	   :: true -> state = AWAKE; give()
#else
	   :: atomic { state == seen -> state = AWAKE }
	      if
	      :: seen == ASLEEP -> give()
	      :: else -> ready = true
	      fi
	   :: else
#endif
	   fi
	:: else
	fi;
	seen = 0
}

inline leave() {            /* lifecycle.leave, and the wake of the last */
	atomic {
	last = (open == 1);
	open = (open > 0 -> open - 1 : 0) }
#ifndef M_END_SILENT
	if
	:: last -> wake()
	:: else
	fi
#endif
}

proctype producer() {
	byte n, seen;
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
	byte seen;
	leave()
}

proctype leaver() {         /* Consumer.Close, or Stop, of another goroutine */
	byte seen;
	if
	:: true
#ifdef STOPS
	:: true ->
	   atomic { open = 0; sealed = true }    /* halt, and stop: see lifecycle */
#ifndef M_STOP_SILENT
	   wake()
#endif
#endif
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
	:: atomic { state == ASLEEP -> state = AWAKE }
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
	      state = ASLEEP;                    /* prepare */
	      announced = true;
#ifdef M_LOOK_ONCE
	      token?_; announced = false
#endif
	   :: !got && !ended && !closed && announced ->
	      if
	      :: token?_                         /* park */
#ifdef STAYS
	      :: timeout -> state = AWAKE; break /* at rest, rightly */
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

#ifdef WATCHES
inline poll() {             /* sets got */
	atomic {
	if
	:: work > 0 -> claimed = claimed - work; work = 0; got = true
#ifndef ONCE
	:: work > 1 -> claimed--; work--; got = true
#endif
	:: work == 0
	fi }
}

inline tryPoll() {          /* consumer.take */
	if
	:: left -> closed = true
	:: else ->
	   poll();
	   if
	   :: left -> closed = true; got = false
	   :: !left && !got && open == 0 -> finish()
	   :: else
	   fi
	fi
}

inline tryAndWatch() {      /* consumer.TryRecv */
	tryPoll();
	if
	:: !got && !ended && !closed && watched ->
#ifdef M_WATCH_LAST
	   state = WATCHING
#else
	   state = WATCHING;                     /* watch */
#ifndef M_WATCH_BLIND
	   tryPoll();
	   if
#ifndef M_WATCH_STAYS
	   :: got || ended || closed ->
	      if                                 /* unwatch */
	      :: atomic { state == WATCHING -> state = AWAKE }
	      :: else
	      fi
#endif
	   :: else
	   fi
#endif
#endif
	:: else
	fi
}

inline recv() {             /* consumer.recv */
	do
	:: tryPoll();
	   if
	   :: got || ended || closed -> break
	   :: else ->
	      state = ASLEEP;
	      tryPoll();
	      if
	      :: got || ended || closed -> cancel(); break
	      :: else ->
	         if
	         :: token?_
#ifdef STAYS
	         :: timeout -> assert(open > 0); state = AWAKE; atRest = true; break
#endif
#ifdef GIVE_UP
	         :: gaveUp < GIVE_UP -> gaveUp++; cancel(); break
#endif
	         fi
	      fi
	   fi
	od
}

proctype watcher() {        /* a consumer that selects */
	bool got, ended, closed, watched, atRest;
	byte gaveUp;
	do
	:: true ->
#ifdef ONCE
	   if
	   :: !watched -> ready = true; watched = true
	   :: else
	   fi;
#else
	   if                                    /* Ready */
#ifdef M_READY_BLIND
	   :: !watched -> ready = true
#else
	   :: state != WATCHING -> ready = true
#endif
	   :: else
	   fi;
	   watched = true;
#endif
	   if
	   :: atomic { ready -> ready = false }
#ifdef STAYS
	   :: timeout -> assert(open > 0); break /* at rest, rightly */
#endif
#ifdef GIVE_UP
	   :: gaveUp < GIVE_UP -> gaveUp++       /* a ticker */
#endif
	   fi;
	   do
	   :: true ->
	      tryAndWatch();
	      if
	      :: got && !ended && !closed -> got = false
	      :: else -> break
	      fi
#ifndef ONCE
	   :: break                              /* without that it has found nothing */
	   :: true ->
	      recv();
	      if
	      :: got && !ended && !closed -> got = false
	      :: else -> break
	      fi
#endif
	   od;
	   if
	   :: ended || closed || atRest -> break
	   :: else
	   fi
	od;
	assert(closed || !left || ended);
#ifdef STAYS
	assert(closed || claimed == 0)
#else
	assert(closed || open == 0 && claimed == 0)
#endif
}
#endif

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
#ifdef WATCHES
	run watcher()
#else
	run consumer()
#endif
	}
	_nr_pr == 1 -> assert(empty(token) && state != ASLEEP && (left || work == 0))
}
