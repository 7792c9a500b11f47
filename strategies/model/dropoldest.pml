/* A lane whose producer makes room by taking the oldest items itself: makeRoom of
 * lanes_ring_dropoldest.go, the sends of ringlane_producer.go, take of ringlane.go, turn,
 * delist and prepare of ringlanes.go. Whoever takes items holds the lane's takers;
 * who writes them does not. Each lane has a lock, one producer and one consumer, so
 * one lane is all there is.
 *
 * A step is one atomic operation of the Go code, the write or read of one item, or
 * of what the lock guards. The ring is as long as the capacity; the chain of rings is
 * left out, and of the list of ready lanes there is left whether this one is in it
 * (lanes.pml has the list). What counts in Go is left open: how many items a take
 * takes, when the lane has been found empty often enough, when the consumer parks.
 *
 * Claims: no item is overwritten before it is taken, taken before it is written, nor
 * taken twice; the bound holds; every item is received or counted as dropped; the
 * consumer takes no lane for empty that is not, and never waits for good (a deadlock)
 * with items there or the producer gone.
 *
 * Variants: C capacity, N items; B items at most to a send;
 * CLOSES: the consumer may close. M_...: deliberately wrong. */

#ifndef C
#define C 2
#endif
#ifndef N
#define N 5
#endif
#ifndef B
#define B 1
#endif

mtype = { idle, listed, gone };

byte head, tail;
byte seen;                  /* guarded by takers, as are the slots from head to tail */
byte slots[C];              /* which item is in it, from 1; 0: none */
bool takers;
mtype state = idle;
bool ready;                 /* the lane is in the list */
bool done;
byte dropped, received;

inline lock() { atomic { !takers -> takers = true } }

inline unlock() { takers = false }

inline item(p) {            /* takes the one at position p */
	atomic {
	assert(slots[p % C] == p + 1);
	slots[p % C] = 0 }
}

inline list() {             /* ringLanes.list */
	if
	:: atomic { state == idle -> state = listed }
	   ready = true
	:: else
	fi
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
	   :: at == seen -> seen = tail
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
	byte sent, limit, rest, end, wish, known, before, at;
	do
	:: rest == 0 && sent == N ->
	   done = true;                          /* Close */
	   list();
	   break
	:: rest == 0 && sent < N ->              /* SendBatch, of 1 to B */
	   rest = 1;
	   do
	   :: rest < B && sent + rest < N -> rest++
	   :: break
	   od
	:: rest > 0 && sent == limit ->          /* more */
	   if
	   :: state == gone -> break
	   :: else ->
	      limit = head + C;                  /* reach */
	      if
	      :: sent < limit
	      :: else ->
	         wish = (rest < C -> rest : C);
	         makeRoom();
	         wish = 0
	      fi
	   fi
	:: rest > 0 && sent != limit ->
	   end = (rest < limit - sent -> sent + rest : limit);
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
	   :: state == gone -> break             /* ErrClosed */
	   :: state == idle -> list()
	   :: state == listed
	   fi
	od
}

/* take of the consumer; found is how many. */
inline take() {
	at = head;
	found = 0;
	if
	:: at == seen -> seen = tail
	:: else
	fi;
	if
	:: at == seen
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

/* delist: out says that the lane is in the rotation no more, over that its end has
 * been seen. */
inline delist() {
	if
	:: done ->
	   if
	   :: atomic { tail == seen -> assert(head == tail) }
	      out = true; over = true
	   :: else
	   fi
	:: else ->
	   state = idle;
	   if
	   :: atomic { tail == seen -> assert(head == tail) }
	      if
	      :: !done -> out = true
	      :: else
	      fi
	   :: else
	   fi;
	   if
	   :: out
	   :: else ->
	      if
	      :: atomic { state == idle -> state = listed }
	      :: else -> out = true
	      fi
	   fi
	fi
}

proctype consumer() {
	byte at, found;
	bool out = true, over;
	do
	:: out && !over ->                       /* parked, or about other lanes */
	   atomic { ready -> ready = false; out = false }
	:: !out ->                               /* turn */
#ifndef M_CONSUMER_UNLOCKED
	   lock();
#endif
	   take();
	   if
	   :: found == 0 -> delist()
	   :: true
	   fi;
#ifndef M_CONSUMER_UNLOCKED
	   unlock();
#endif
	   if
	   :: found == 0 && !out ->              /* prepare */
#ifndef M_PREPARE_UNLOCKED
	      lock();
#endif
	      delist()
#ifndef M_PREPARE_UNLOCKED
	      ; unlock()
#endif
	   :: true
	   fi;
	   found = 0
	:: over -> break
#ifdef CLOSES
	:: true -> state = gone; break           /* discard */
#endif
	od
}

init {
	atomic { run producer(); run consumer() }
	_nr_pr == 1 -> assert(!takers && (state == gone || (head == N && received + dropped == N)))
}
