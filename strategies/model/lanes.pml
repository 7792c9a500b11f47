/* The ready list of ringLanes (ringlanes.go, Send and Close of ringlane_producer.go,
 * recv and TryRecv of consumer.go, lifecycle.go), unbounded: room is in room.pml.
 *
 * A step is one atomic operation of the Go code, with the plain work on its own
 * variables that follows it. Go's atomics are sequentially consistent, so the
 * interleavings of these steps are all there is. What counts items or time in Go is
 * left open here, so that every choice is tried: where the buffer or a turn ends
 * (take), after how many misses a lane leaves the rotation (turn), whether a
 * producer closes early, when a timer or a context ends (park).
 *
 * Claims: every item is received once and in order; the end comes when all is
 * received, and not before; the consumer never parks for good while there is
 * something to receive or the end has come (a deadlock), nor goes round without
 * receiving or parking (a cycle, looked for with SPINS); one token
 * at most is under way; no lane is twice in the list and the rotation; lanes of
 * closed producers are forgotten; sends fail once the consumer has closed.
 *
 * Variants: P producers, N items each; GIVE_UP=n: up to n contexts end; TIMER: parkFor and
 * trim; CLOSES: the consumer may close; STAYS: producer 0 never closes; ONE_ITEM: a
 * buffer of one item, lanes leave the rotation only before parking, nobody closes
 * early, which three producers need to be few enough states.
 * M_...: deliberately wrong. */

#ifndef P
#define P 2
#endif
#ifndef N
#define N 2
#endif
#define R (2 * P + 1)       /* the rotation, with gaps, is never longer */
#define NIL P               /* no lane */
#define BED (P + 1)         /* &asleep, in the head of the list */

#define IDLE 0
#define LISTED 1
#define GONE 2

/* Shared. */
byte tail[P];
byte state[P];
byte next[P];
bool done[P];
byte ready = NIL;
byte open = P;              /* lifecycle.state */
chan token = [1] of { bit };

/* Ghosts, which only assertions read. */
bool inList[P];
bool discarded;

/* ---- producer ---- */

inline give() {             /* token.give */
	assert(nfull(token));
	token!1
}

inline list(l) {            /* ringLanes.list; sets last */
	if
#ifdef M_LIST_TWICE
	:: atomic { state[l] == IDLE -> skip }
	   state[l] = LISTED;
#else
	:: atomic { state[l] == IDLE -> state[l] = LISTED }
#endif
	   do
	   :: atomic {
	      last = ready;
	      if
	      :: last == BED -> next[l] = NIL
	      :: else -> next[l] = last
	      fi }
	      if
	      :: atomic { ready == last ->
	         ready = l;
	         assert(!inList[l]);
	         inList[l] = true }
	         if
	         :: last == BED -> give()
	         :: else
	         fi;
	         break
	      :: else
	      fi
	   od
	:: else
	fi;
	last = 0
}

proctype producer(byte l) {
	byte last, n;
	bool late, failed;
	do
	:: n == N -> break
#ifndef ONE_ITEM
	:: n < N -> break                        /* closes early */
#endif
	:: n < N ->
	   n++;
#ifdef CLOSES
	   late = discarded;
#endif
	   tail[l] = n;
	   if                                    /* Send: state.Load() != laneListed */
	   :: state[l] == LISTED
	   :: else ->
	      if                                 /* listed */
	      :: state[l] != GONE -> list(l)
	      :: else -> failed = true
	      fi
	   fi;
	   assert(!late || failed);
	   late = false;
	   if
	   :: failed -> break
	   :: else
	   fi
	od;
#ifdef STAYS
	if
	:: l == 0 -> goto stays
	:: else
	fi;
#endif
	/* Close */
#ifdef M_LEAVE_FIRST
	open--;
	done[l] = true;
	list(l);
#else
	done[l] = true;
	list(l);
	if
	:: atomic { open > 1 -> open-- }         /* leave */
	:: atomic { else -> open-- }
#ifndef M_END_SILENT
	   if
	   :: atomic { ready == BED -> ready = NIL }
	      give()                             /* unpark */
	   :: else
	   fi
#endif
	fi;
#endif
stays:
	atomic { n = 0; failed = false }
}

/* ---- consumer ---- */

inline delist(l, ok) {      /* ringLanes.delist */
	if
	:: done[l] ->
	   if
	   :: atomic { tail[l] == seen[l] -> removed[l] = true; ok = true }
	   :: else -> ok = false
	   fi
	:: else ->
#ifdef M_TAIL_EARLY
	   known = tail[l];
	   state[l] = IDLE;
#else
	   atomic { assert(state[l] == LISTED); state[l] = IDLE }
	   known = tail[l];
#endif
#ifdef M_DONE_ONCE
#define STILL_OPEN true
#else
#define STILL_OPEN !done[l]
#endif
	   if
	   :: atomic { known == seen[l] && STILL_OPEN -> ok = true }
	   :: else ->
	      atomic {
	      if
	      :: state[l] == IDLE -> state[l] = LISTED; ok = false
	      :: else -> ok = true               /* the producer has listed it */
	      fi }
	   fi;
	   known = 0
	fi
}

inline admit() {            /* ringLanes.admit; sets came */
	came = 0;
	if
	:: ready == NIL || ready == BED
	:: else ->
#ifdef M_ADMIT_LOAD
	   i = ready;
	   atomic { last = i; i = 0; ready = NIL;
#else
	   d_step { last = ready; ready = NIL;
#endif
	   do
	   :: last != NIL ->
	      assert(last < P);
	      inList[last] = false;
	      i = 0;
	      do
	      :: i < rlen -> assert(rotation[i] != last); i++
	      :: else -> break
	      od;
	      assert(rlen < R);
	      rotation[rlen] = last;
	      rlen++;
	      came++;
	      i = last;
	      last = next[i];
	      next[i] = 0                        /* of no use: one state instead of many */
	   :: else -> break
	   od;
	   i = 0;                                /* slices.Reverse of those that came */
	   do
	   :: 2 * i + 1 < came ->
	      last = rotation[rlen - came + i];
	      rotation[rlen - came + i] = rotation[rlen - 1 - i];
	      rotation[rlen - 1 - i] = last;
	      i++
	   :: else -> break
	   od;
	   i = 0; last = 0 }
	fi
}

inline wrap() {             /* ringLanes.wrap; sets came */
	d_step {
	i = 0; cursor = 0;
	do
	:: i < rlen ->
	   if
	   :: rotation[i] != NIL -> rotation[cursor] = rotation[i]; cursor++
	   :: else
	   fi;
	   i++
	:: else -> break
	od;
	i = cursor;
	do
	:: i < rlen -> rotation[i] = 0; i++
	:: else -> break
	od;
	rlen = cursor; cursor = 0; i = 0 }
	admit()
}

/* ringLanes.turn of lane l, with take and look. Sets got if it received, and filled
 * if it filled the buffer; stay says that the turn goes on with the next call. */
inline turn(l) {
	if
	:: head[l] == seen[l] -> seen[l] = tail[l]
	:: else
	fi;
	if
	:: head[l] == seen[l] ->
	   if
#ifndef ONE_ITEM
	   :: skip                               /* not missed often enough */
	   :: true ->
#else
	   :: skip
	   :: false ->
#endif
	      delist(l, ok);
	      atomic {
	      if
	      :: ok -> rotation[cursor] = NIL
	      :: else
	      fi;
	      ok = false }
	   fi
	:: atomic { else ->
	   got = true;
	   do
	   :: head[l] < seen[l] ->
	      head[l]++;
	      if
	      :: filled = true; stay = true; break
#ifndef ONE_ITEM
	      :: filled = true; break            /* and laneTurn is used up */
	      :: break                           /* only laneTurn is */
	      :: skip
#endif
	      fi
	   :: head[l] == seen[l] -> break
	   od }
	fi
}

inline turns() {            /* ringLanes.turns */
	looks = rlen;
	do
	:: looks == 0 || filled -> break
	:: else ->
	   if
	   :: cursor >= rlen ->
	      wrap();
	      atomic {
#ifdef M_PASSED_OVER
	      looks = looks + came;
#else
	      if
	      :: came > 0 -> looks = rlen
	      :: else
	      fi;
#endif
	      came = 0;
	      if
	      :: rlen == 0 -> break
	      :: else
	      fi }
	   :: else
	   fi;
	   if
	   :: rotation[cursor] != NIL -> turn(rotation[cursor])
	   :: else
	   fi;
	   atomic {
	   if
	   :: stay -> stay = false; break
	   :: else -> cursor++; looks--
	   fi }
	od;
	looks = 0
}

inline poll() {             /* ringLanes.poll; sets got */
	do
	:: turns();
	   if
	   :: filled -> break
	   :: else ->
	      admit();
	      if
	      :: came == 0 -> break
	      :: else -> came = 0
	      fi
	   fi
	od;
	filled = false
}

inline tryRecv() {          /* consumer.TryRecv; sets got and ended */
	do
#ifdef M_END_ONCE
	:: ended = (open == 0);
	   poll();
	   ended = (open == 0);
	   break
#else
	:: poll();
	   if
	   :: got || ended -> break
	   :: else ->
	      ended = (open == 0);
	      if
	      :: !ended -> break
	      :: else                            /* the end first, then a last look */
	      fi
	   fi
#endif
	od
}

inline prepare() {          /* ringLanes.prepare; sets announced */
	announced = true;
#ifndef M_PREPARE_KEEPS
	do
	:: k < rlen && announced ->
	   if
	   :: rotation[k] != NIL ->
	      delist(rotation[k], ok);
	      atomic {
	      if
	      :: ok -> rotation[k] = NIL
	      :: else -> announced = false
	      fi;
	      ok = false }
	   :: else
	   fi;
	   k++
	:: else -> break
	od;
	k = 0;
#endif
	if
	:: announced ->
#ifndef M_PREPARE_KEEPS
	   d_step {
	   do
	   :: rlen > 0 -> rlen--; rotation[rlen] = 0
	   :: else -> break
	   od }
#endif
	   atomic {
#ifdef M_PREPARE_STORES
	   ready = BED
#else
	   if
	   :: ready == NIL -> ready = BED
	   :: else -> announced = false
	   fi
#endif
	   }
	:: else
	fi
}

inline cancel() {           /* ringLanes.cancel */
	if
	:: atomic { ready == BED -> ready = NIL }
	:: else ->
#ifndef M_CANCEL_FORGETS
	   token?_
#endif
	fi;
	announced = false
}

inline discard() {          /* ringLanes.discard, for each lane */
	do
	:: k < P ->
	   if
	   :: removed[k]
#ifndef M_DISCARD_SILENT
	   :: else -> state[k] = GONE
#else
	   :: else
#endif
	   fi;
	   k++
	:: else -> break
	od;
	atomic { ready = NIL; discarded = true; k = 0 }
}

proctype consumer() {
	byte head[P], seen[P];                   /* received; the tail that it knows */
	byte rotation[R];
	byte rlen, cursor;
	bool removed[P];
	byte i, k, came, looks, last, known;
	bool ok, got, filled, stay, ended, announced;
#ifdef GIVE_UP
	byte gaveUp;
#endif

	do
	:: tryRecv();
	   if
	   :: got ->
	      if
	      :: announced -> cancel()
	      :: else
	      fi;
	      got = false;
	      ended = false
	   :: !got && ended ->
	      if
	      :: announced -> cancel()
	      :: else
	      fi;
	      break
	   :: !got && !ended && !announced -> prepare()
	   :: !got && !ended && announced ->
	      /* park */
	      if
	      :: token?_ -> announced = false
#ifdef STAYS
	      :: timeout -> break                /* at rest, rightly */
#endif
#ifdef TIMER
	      :: true ->                         /* parkFor timed out: trim, then park */
#ifdef M_TRIM_FORGETS
	         d_step {
	         do
	         :: rlen > 0 -> rlen--; rotation[rlen] = 0
	         :: else -> break
	         od }
#endif
	         if
	         :: token?_ -> announced = false
#ifdef STAYS
	         :: timeout -> break
#endif
	         fi
#endif
#ifdef GIVE_UP
	      :: gaveUp < GIVE_UP ->
	         gaveUp++;
	         cancel()
#endif
	      fi;
	   fi
#ifdef CLOSES
	   ;
	   if
	   :: skip
	   :: !announced -> discard(); goto left
	   fi
#endif
	od;
	/* EOF, or at rest */
#ifndef STAYS
	assert(open == 0);
#endif
	k = 0;
	d_step {
	do
	:: k < P ->
	   assert(head[k] == tail[k]);
#ifdef STAYS
	   assert(removed[k] == done[k]);
#endif
	   k++
	:: else -> break
	od }
left:
	skip
}

init {
	atomic {
	byte l;
	do
	:: l < P -> run producer(l); l++
	:: else -> break
	od;
	run consumer() }
	_nr_pr == 1 -> assert(empty(token))
}
