/* The rings in shared memory of peers/remote/ring.go: Send, waitForRoom, poll, take and
 * Recv, between producers and the consumer, and the futexes of memory_linux.go without
 * their longest wait, which is for who is killed. A lane is a pair of numbers. What two
 * producers tell the consumer is one word, asleep; what the consumer tells one is its wants, full in Go.
 *
 * A step is one atomic operation of the Go code. The kernel compares a futex's word and
 * goes to sleep in one step; a wake that finds nobody asleep is lost.
 *
 * Claims: nobody sleeps for good (a deadlock) with messages or room there, no lane holds
 * more than its capacity, and in the end all that was sent is received.
 *
 * Variants: P producers, N messages each, CAPACITY, BATCH. M_...: deliberately wrong. */

#ifndef P
#define P 2
#endif
#ifndef N
#define N 3
#endif
#ifndef CAPACITY
#define CAPACITY 2
#endif
#ifndef BATCH
#define BATCH 2
#endif

byte tail[P], head[P];
bit wants[P], sleeps[P];      /* sleeps: in the kernel, on wants, full in Go */
bit asleep, consumerSleeps;  /* on asleep */

#define DRAINED(i) (tail[i] - head[i] <= CAPACITY / 2)

proctype producer(byte me) {
	byte sent, seen;
	do
	:: sent == N -> break
	:: else ->
	   do                                  /* waitForRoom */
	   :: seen = head[me];
	      if
	      :: sent - seen < CAPACITY -> break
	      :: else
	      fi;
#ifndef M_FULL_LATE
	      wants[me] = 1;
#endif
	      if
	      :: DRAINED(me)
	      :: else ->
#ifdef M_FULL_LATE
	         wants[me] = 1;
#endif
	         if
	         :: atomic { wants[me] == 1 -> sleeps[me] = 1 }
	            sleeps[me] == 0
	         :: wants[me] == 0
	         fi
	      fi;
	      wants[me] = 0
	   od;
	   sent++;
#ifdef M_WAKE_FIRST
	   if
	   :: atomic { asleep == 1 -> asleep = 0 }
	      consumerSleeps = 0
	   :: asleep == 0
	   fi;
	   tail[me] = sent;
#else
	   tail[me] = sent;
	   if
	   :: atomic { asleep == 1 -> asleep = 0 }
	      consumerSleeps = 0
	   :: asleep == 0
	   fi;
#endif
	   assert(tail[me] - head[me] <= CAPACITY)
	od
}

inline poll() {                            /* sets got */
	got = 0;
	i = 0;
	do
	:: i == P -> break
	:: else ->
	   n = tail[i] - head[i];
	   if
	   :: n > BATCH -> n = BATCH
	   :: else
	   fi;
	   if
	   :: n > 0 ->
	      got = 1;
	      received = received + n;
	      head[i] = head[i] + n;
	      if
	      :: wants[i] == 1 -> if
	         :: !DRAINED(i)
	         :: else -> if
	         :: atomic { wants[i] == 1 -> wants[i] = 0 }
	            sleeps[i] = 0
	            :: wants[i] == 0
	            fi
	         fi
	      :: else
	      fi
	   :: else
	   fi;
	   i++
	od
}

proctype consumer() {
	byte i, n, received;
	bit got;
	do
	:: received == P * N -> break
	:: else ->
	   poll();
	   if
	   :: got
	   :: else ->
	      asleep = 1;
#ifdef M_LOOK_ONCE
	      got = 0;
#else
	      poll();
#endif
	      if
	      :: got
	      :: else ->
	         if
	         :: atomic { asleep == 1 -> consumerSleeps = 1 }
	            consumerSleeps == 0
	         :: asleep == 0
	         fi
	      fi;
	      asleep = 0
	   fi
	od
}

init {
	atomic {
	byte k;
	do
	:: k < P -> run producer(k); k++
	:: else -> break
	od;
	run consumer()
	}
}
