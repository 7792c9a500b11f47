/* The consumer's goroutine of lanes.pml: recv and TryRecv of consumer.go, and what of
 * ringLanes and ringLane they call. */

inline published(l, x) {    /* sets over, end */
#ifdef M_DONE_FIRST
	over = done[l];
	x = tail[l];
#else
	x = tail[l];
	over = done[l];
#endif
	if
	:: over ->
	   atomic { final[l] > 0 || !mu[l] ->    /* end */
	   assert(final[l] > 0);
	   if
	   :: x > final[l] - 1 -> x = final[l] - 1
	   :: else
	   fi;
	   over = false }
	:: else
	fi
}

inline retake(l) {          /* sets ok if the lane is not taken */
	if
#ifdef M_RETAKE_TRIMMED
	:: atomic { !mu[l] && state[l] == IDLE ->
	   state[l] = LISTED;
	   if
	   :: draining[l] == 0 ->
	      draining[l] = r;
#ifdef CHAIN
	      do
	      :: linked[RING(l, r)] -> r++
	      :: else -> break
	      od;
#endif
	      filling[l] = r
	   :: else
	   fi }
	:: atomic { !mu[l] && state[l] != IDLE -> ok = true }
#else
	:: atomic { !mu[l] && state[l] == IDLE && draining[l] != 0 -> state[l] = LISTED }
	:: atomic { !mu[l] && (state[l] != IDLE || draining[l] == 0) -> ok = true }
#endif
	fi
}

inline delist(l) {          /* sets ok */
	if
	:: done[l] ->
#ifdef M_END_PUBLISHED
	   published(l, known);
#else
	   atomic { final[l] > 0 || !mu[l] -> known = final[l] - 1 } /* end */
#endif
	   if
	   :: known == seen[l] ->
	      atomic { cut(l) }
	      removed[l] = true;
	      ok = true
	   :: else
	   fi
	:: else ->
#ifdef M_RETAKE_TRIMMED
	   r = draining[l];
#endif
#ifdef M_TAIL_EARLY
	   known = tail[l];
#endif
	   if
	   :: atomic { state[l] == LISTED -> state[l] = IDLE }
#ifdef M_DELIST_ONCE
	      known = seen[l];
#elif !defined(M_TAIL_EARLY)
	      known = tail[l];
#endif
	      if
	      :: known == seen[l] && !done[l] -> ok = true
	      :: else -> retake(l)
	      fi
	   :: else -> assert(state[l] == CLOSED)
	   fi
	fi;
	known = 0; r = 0
}

inline admit() {            /* sets came */
	came = 0;
	if
	:: ready == NIL || WAITS(ready)
#ifdef M_ADMIT_LOAD
	:: atomic { ready < P -> i = ready }
	   atomic { last = i; i = 0; ready = NIL;
#else
	:: d_step { ready < P -> last = ready; ready = NIL;
#endif
	   do
	   :: last < P ->
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

inline wrap() {             /* sets came */
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

/* Takes one item at least, if the consumer has not closed. Sets got; filled if that
 * filled the buffer; stay says that the turn goes on with the next call. */
inline take(l) {
	r = draining[l];
	do
	:: r == 0 -> assert(left); break
	:: r != 0 && taken[l] == seen[l] -> break
#ifdef CHAIN
	:: r != 0 && taken[l] < seen[l] && linked[RING(l, r)] && taken[l] == ends[RING(l, r)] ->
#ifdef M_NEXT_STORES
	   r++;
	   draining[l] = r
#else
	   if
	   :: atomic { draining[l] == r -> r++; draining[l] = r }
	   :: else -> break
	   fi
#endif
	:: atomic { r != 0 && taken[l] < seen[l] && !(linked[RING(l, r)] && taken[l] == ends[RING(l, r)]) ->
#else
	:: atomic { r != 0 && taken[l] < seen[l] ->
#endif
	   got = true;
	   assert(where[l * N + taken[l]] == r);
	   taken[l]++;
	   head[l] = taken[l];
	   if
	   :: filled = true; stay = true; break
#ifndef ONE_ITEM
	   :: filled = true; break               /* and laneTurn is used up */
	   :: break                              /* only laneTurn is */
	   :: skip
#endif
	   fi }
	od;
	r = 0
}

inline turn(l) {            /* of the lane at cursor */
	if
	:: taken[l] == seen[l] -> published(l, seen[l])
	:: else
	fi;
	if
	:: taken[l] == seen[l] ->
	   if
	   :: done[l] -> out = true
	   :: true                               /* not missed often enough */
#ifndef ONE_ITEM
	   :: out = true
#endif
	   fi
	:: else ->
	   take(l);
	   if
	   :: taken[l] == seen[l] && done[l] -> out = true
	   :: else
	   fi
	fi;
	if
	:: out ->
	   delist(l);
	   atomic {
	   if
	   :: ok -> rotation[cursor] = NIL
	   :: else
	   fi;
	   ok = false; out = false }
	:: else
	fi
}

inline turns() {
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

inline letGo() {            /* sets idle */
	idle = true;
	do
	:: k < rlen && idle ->
	   if
	   :: rotation[k] != NIL ->
	      delist(rotation[k]);
	      atomic {
	      if
	      :: ok -> rotation[k] = NIL
	      :: else -> idle = false
	      fi;
	      ok = false }
	   :: else
	   fi;
	   k++
	:: else -> break
	od;
	atomic {
	k = 0;
	if
	:: idle ->
	   do
	   :: rlen > 0 -> rlen--; rotation[rlen] = 0
	   :: else -> break
	   od;
	   cursor = 0
	:: else
	fi }
}

inline poll() {             /* sets got */
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
	filled = false;
	if
	:: got
	:: else -> letGo(); idle = false
	fi
}

inline finish() {           /* sets ended */
#ifdef M_FINISH_BLIND
	ended = true
#else
	admit();
	came = 0;
	letGo();
	if
	:: idle && (ready == NIL || WAITS(ready)) -> ended = true
	:: else
	fi;
	idle = false
#endif
}

#ifdef COUNTS
inline ask() {              /* notes how many items have been accepted before poll */
	d_step {
	do
	:: k < P -> asked = asked + accepted[k]; k++
	:: else -> break
	od;
	k = 0 }
}

inline answer() {           /* poll has found nothing only if they all are received */
	d_step {
	do
	:: k < P -> i = i + head[k]; k++
	:: else -> break
	od;
	assert(got || i >= asked);
	k = 0; i = 0; asked = 0 }
}
#else
#define ask() skip
#define answer() skip
#endif

inline tryRecv() {          /* sets got, ended, shut */
	if
	:: left -> shut = true
	:: else ->
	   ask();
	   poll();
	   if
	   :: left -> got = false; shut = true
	   :: else -> answer()
	   fi
	fi;
	if
	:: shut -> dropList()                    /* discard: all lanes are taken */
	:: !shut && !got && open == 0 -> finish()
	:: else
	fi
}

inline prepare() {          /* sets announced */
#ifndef M_PREPARE_KEEPS
	letGo();
#else
	idle = true;
#endif
	if
	:: idle ->
#ifdef WATCHES
	   if                                    /* watch */
	   :: atomic { ready == NIL -> ready = EYE; announced = true }
	   :: ready == EYE -> announced = true
	   :: else -> told = true; announced = true /* nothing stands, and it comes back */
	   fi
#elif defined(M_PREPARE_STORES)
	   ready = BED;
	   announced = true
#else
	   if
	   :: atomic { ready == NIL -> ready = BED; announced = true }
	   :: else
	   fi
#endif
	:: else
	fi;
	idle = false
}

inline cancel() {           /* or unwatch */
	if
#ifdef WATCHES
	:: atomic { ready == EYE -> ready = NIL }
	:: else
#else
	:: atomic { ready == BED -> ready = NIL }
	:: else ->
#ifndef M_CANCEL_FORGETS
	   token?_
#endif
#endif
	fi;
	announced = false
}

proctype consumer() {       /* recv, again and again */
	byte taken[P];                           /* head, which only the consumer stores */
	byte seen[P];
	byte rotation[R];
	byte rlen, cursor;
	byte i, k, came, looks, last, known, r;
	bool ok, out, got, filled, stay, ended, announced, idle, shut, over;
#ifdef GIVE_UP
	byte gaveUp;
#endif
#ifdef COUNTS
	byte asked;
#endif

	do
	:: tryRecv();
	   if
	   :: got || ended || shut ->
	      if
	      :: announced -> cancel()
	      :: else
	      fi;
	      if
	      :: ended || shut -> break
	      :: else -> got = false
	      fi
	   :: else ->
	      if
	      :: !announced -> prepare()
	      :: else ->
	         if                              /* park */
#ifdef WATCHES
	         :: atomic { told -> told = false; announced = false }
#else
	         :: token?_ -> announced = false
#endif
#ifdef STAYS
	         :: timeout -> assert(!left); break /* at rest, rightly */
#endif
#ifdef GIVE_UP
	         :: gaveUp < GIVE_UP ->
	            gaveUp++;
	            cancel()
#endif
	         fi
	      fi
	   fi
	od;
	/* EOF, ErrClosed, or at rest */
	atomic {
	k = 0;
	do
	:: k < P && ended -> assert(removed[k]); k++
	:: else -> break
	od;
	k = 0 }
}
