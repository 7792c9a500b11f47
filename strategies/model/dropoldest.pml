/* A lane whose producer makes room by taking the oldest items itself: makeRoom of
 * lanes_ring_dropoldest.go, the sends of ringlane_producer.go, take of ringlane.go, close,
 * enlist and retake of ringlane_close.go, turn, delist, letGo and discard of ringlanes.go.
 * Whoever takes items holds the lane's mu, and so does who closes or lists it; who writes
 * them does not. Each lane has a lock, one producer and one consumer, so one lane is all
 * there is.
 *
 * A step is one atomic operation of the Go code, the write or read of one item, or
 * of what the lock guards. The ring is as long as the capacity; the chain of rings is
 * left out, and of the list of ready lanes there is left whether this one is in it
 * (lanes.pml has the list, and how rings are taken away). What counts in Go is left open:
 * how many items a take takes, when the lane has been found empty often enough, when the
 * consumer parks.
 *
 * Claims: no item is overwritten before it is taken, taken before it is written, nor
 * taken twice; the bound holds; every item that was accepted is received or counted as
 * dropped, and no other is; the consumer takes no lane for empty that is not; nobody
 * waits for good (a deadlock): the consumer with items there or the lane closed, the
 * producer with the consumer gone, nor two for each other, one with the lane's lock and
 * one with the registry's.
 *
 * Variants: C capacity, N items; B items at most to a send; BESIDE: somebody else closes
 * the producer; CLOSES: the consumer closes. M_...: deliberately wrong. */

#ifndef C
#define C 2
#endif
#ifndef N
#define N 5
#endif
#ifndef B
#define B 1
#endif

mtype = { idle, listed, closed };

byte head, tail;
byte seen;                  /* guarded by mu, as are the slots from head to tail */
byte slots[C];              /* which item is in it, from 1; 0: none */
bool mu;
bool registry;              /* the lock of the lane's shard */
mtype state = idle;
bool ready;                 /* the lane is in the list */
bool done;
byte final;
bool removed;               /* from the registry */
bool left, draining = true;
byte accepted, dropped, received;

inline lock() { atomic { !mu -> mu = true } }

inline unlock() { mu = false }

inline item(p) {            /* takes the one at position p */
	atomic {
	assert(slots[p % C] == p + 1);
	slots[p % C] = 0 }
}

inline look() {             /* with mu */
	seen = tail;
	if
	:: done ->
	   assert(final > 0);
	   seen = (seen > final - 1 -> final - 1 : seen)
	:: else
	fi
}

inline close() {            /* of ringLane; sets was, end */
	lock();
	if
	:: !done ->
	   done = true;                          /* E1 */
	   atomic { was = state; state = closed } /* E2 */
	   atomic { end = tail; final = end + 1 } /* E3 */
	   if
	   :: was == idle && end != head -> ready = true
	   :: was == idle && end == head -> removed = true
	   :: else
	   fi
	:: else
	fi;
	unlock()
}

inline enlist() {
	lock();
	atomic {
	if
	:: state == idle -> state = listed; ready = true
	:: else
	fi;
	if
	:: done ->
	   failed = true;
	   accepted = (sent < final - 1 -> sent : (accepted > final - 1 -> accepted : final - 1))
	:: else -> accepted = sent
	fi }
	unlock()
}

/* makeRoom for as many items as wished, with take of one at a time. */
inline makeRoom() {
#ifndef M_PRODUCER_UNLOCKED
	lock();
#endif
	known = seen;
	before = head;
	do
	:: sent - head + wish <= C -> break
	:: else ->
	   at = head;
	   if
	   :: at == seen -> look()
	   :: else
	   fi;
	   if
	   :: !draining ->
#ifdef M_INSISTS
	      false                              /* takes nothing, again and again */
#else
	      break
#endif
	   :: else
	   fi;
#ifdef M_HEAD_FIRST
	   head = at + 1;
#endif
	   item(at);
#ifndef M_HEAD_FIRST
	   head = at + 1
#endif
	od;
#ifdef M_COUNTS_WISHES
	dropped = dropped + wish;
#else
	dropped = dropped + head - before;
#endif
#ifdef M_SEEN_KNOWN
	seen = known;
#elif !defined(M_SEEN_KEPT)
	seen = (known > head -> known : head);
#endif
#ifndef M_PRODUCER_UNLOCKED
	unlock();
#endif
	known = 0; before = 0; at = 0
}

proctype producer() {
	byte sent, room, rest, end, wish, known, before, at;
	mtype was;
	bool failed;
	do
	:: rest == 0 && sent == N ->
#ifndef BESIDE
	   close();
#endif
	   break
	:: rest == 0 && sent < N ->              /* SendBatch, of 1 to B */
	   rest = 1;
	   do
	   :: rest < B && sent + rest < N -> rest++
	   :: break
	   od
	:: rest > 0 && sent == room ->           /* more */
	   if
	   :: done -> break                      /* ErrClosed */
	   :: else ->
	      room = head + C;                   /* refreshRoom */
	      if
	      :: sent < room
	      :: else ->
	         wish = (rest < C -> rest : C);
	         makeRoom();
	         wish = 0
	      fi
	   fi
	:: rest > 0 && sent != room ->
	   end = (rest < room - sent -> sent + rest : room);
	   rest = rest - (end - sent);
#ifdef M_TAIL_FIRST
	   tail = end;
#endif
	   do
	   :: atomic { sent < end ->
	      assert(slots[sent % C] == 0);
	      slots[sent % C] = sent + 1;
	      sent++ }
	   :: sent == end -> break
	   od;
	   end = 0;
	   atomic {
	   tail = sent;
	   assert(tail - head <= C) }
	   if
	   :: atomic { state == listed -> accepted = sent }
	   :: else -> enlist()
	   fi;
	   if
	   :: failed -> break                    /* ErrClosed */
	   :: else
	   fi
	od
}

#ifdef BESIDE
proctype closer() {
	byte end;
	mtype was;
	close()
}
#endif

#ifdef CLOSES
proctype leaver() {         /* Close of consumer, with discard */
	byte end;
	mtype was;
	left = true;
	close();
	draining = false                         /* cut */
}
#endif

proctype trimmer() {        /* whoever goes over all lanes: trim or Backlog of ringLanes */
	if
	:: removed
	:: atomic { !registry && !removed -> registry = true }
#ifdef M_REGISTRY_WAITS
	   if
	   :: done && final == 0 -> lock(); unlock()
	   :: else
	   fi;
#endif
	   registry = false
	fi
}

/* take of the consumer; found is how many. */
inline take() {
	at = head;
	found = 0;
	if
	:: at == seen -> look()
	:: else
	fi;
	if
	:: at == seen || !draining
	:: else ->
#ifdef M_HEAD_FIRST
	   head = seen;
#endif
	   do
	   :: item(at);
	      at++;
	      found++;
	      if
#ifndef M_HEAD_FIRST
	      :: break                           /* the buffer or the turn ends */
#endif
	      :: at < seen
	      :: at >= seen -> break
	      fi
	   od;
	   received = received + found;
#ifndef M_HEAD_FIRST
	   head = at
#endif
	fi;
	at = 0
}

/* delist: out says that the lane is in the rotation no more. */
inline delist() {
	if
	:: done ->
	   if
	   :: final - 1 == seen ->
	      assert(left || head == seen);
	      atomic { !registry -> removed = true; out = true }
	   :: else
	   fi
	:: else ->
	   if
	   :: atomic { state == listed -> state = idle }
	      if
	      :: atomic { tail == seen -> assert(head == tail); out = true }
	      :: else ->                         /* retake */
	         if
	         :: atomic { state == idle -> state = listed }
	         :: else -> out = true
	         fi
	      fi
	   :: else
	   fi
	fi
}

proctype consumer() {
	byte at, found;
	bool out = true;
	do
	:: left || (out && removed) -> break
	:: out && !removed && !left ->           /* parked, or about other lanes */
	   if
	   :: atomic { ready -> ready = false; out = false }
	   :: removed || left
	   fi
	:: !out ->                               /* turn */
#ifndef M_CONSUMER_UNLOCKED
	   lock();
#endif
	   take();
	   if
	   :: found == 0 || (done && head == seen) -> delist()
	   :: true
	   fi;
#ifndef M_CONSUMER_UNLOCKED
	   unlock();
#endif
	   if
	   :: found == 0 && !out ->              /* letGo */
#ifndef M_LET_GO_UNLOCKED
	      lock();
#endif
	      delist()
#ifndef M_LET_GO_UNLOCKED
	      ; unlock()
#endif
	   :: true
	   fi;
	   found = 0
	od
}

init {
	atomic {
	run producer();
#ifdef BESIDE
	run closer();
#endif
#ifdef CLOSES
	run leaver();
#endif
	run trimmer();
	run consumer() }
	_nr_pr == 1 ->
	atomic {
	assert(!mu && head <= accepted);
	assert(received + dropped == head);
	assert(left || (removed && head == accepted)) }
}
