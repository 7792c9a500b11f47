//! The floor of this program: a channel that carries nothing, as `null` is for the suite.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::Notify;

use crate::check::word;
use crate::queues::{Queue, Receiver, Sender};
use crate::spec::Cell;

/// How many sends of a producer make one count visible: so many that waking the
/// consumer costs little beside the sends. As in the suite's own floor.
const EVERY: u64 = 1024;

/// Counts the sends, and makes the words up at the other end.
pub struct Null;

impl Queue for Null {
    type Sender = Counting;
    type Receiver = Inventing;

    fn open(cell: &Cell) -> (Vec<Counting>, Inventing) {
        let shared = Arc::new(Shared {
            producers: (0..cell.producers).map(|_| Counted::default()).collect(),
            open: AtomicUsize::new(cell.producers),
            news: Notify::new(),
        });
        let senders = (0..cell.producers).map(|id| Counting { id, shared: shared.clone() }).collect();
        (senders, Inventing { made: vec![0; cell.producers], turn: 0, shared })
    }
}

struct Shared {
    producers: Vec<Counted>,
    open: AtomicUsize, // producers
    news: Notify,      // the consumer waits on it
}

/// What one producer has sent. It fills a cache line, which nobody else writes.
#[derive(Default)]
#[repr(align(128))]
struct Counted {
    sent: AtomicU64,    // by its producer alone
    visible: AtomicU64, // ... to the consumer
}

pub struct Counting {
    id: usize,
    shared: Arc<Shared>,
}

impl Counting {
    fn show(&self, sent: u64) {
        self.shared.producers[self.id].visible.store(sent, Ordering::Release);
        self.shared.news.notify_one();
    }
}

impl Sender for Counting {
    async fn put(&self, _: u64) -> bool {
        let counted = &self.shared.producers[self.id];
        let sent = counted.sent.load(Ordering::Relaxed) + 1;
        counted.sent.store(sent, Ordering::Relaxed);
        if sent % EVERY == 0 {
            self.show(sent);
        }
        true
    }

    fn publish(&self) {
        self.show(self.shared.producers[self.id].sent.load(Ordering::Relaxed));
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        let counted = &self.shared.producers[self.id];
        counted.visible.store(counted.sent.load(Ordering::Relaxed), Ordering::Release);
        self.shared.open.fetch_sub(1, Ordering::Release);
        self.shared.news.notify_one();
    }
}

pub struct Inventing {
    made: Vec<u64>, // of each producer
    turn: usize,
    shared: Arc<Shared>,
}

impl Inventing {
    /// Makes up what was counted, by the producers in turn, up to `most` words.
    fn poll(&mut self, words: &mut Vec<u64>, most: usize) {
        for _ in 0..self.made.len() {
            let counted = self.shared.producers[self.turn].visible.load(Ordering::Acquire);
            let from = self.made[self.turn];
            let to = counted.min(from + (most - words.len()) as u64);
            words.extend((from..to).map(|seq| word(self.turn as u64, seq)));
            self.made[self.turn] = to;
            if words.len() == most {
                return;
            }
            self.turn = (self.turn + 1) % self.made.len();
        }
    }
}

impl Receiver for Inventing {
    async fn take(&mut self, words: &mut Vec<u64>, most: usize) -> bool {
        loop {
            // Before the counts: nothing is counted after the last producer has gone.
            let open = self.shared.open.load(Ordering::Acquire);
            self.poll(words, most);
            if !words.is_empty() {
                return true;
            }
            if open == 0 {
                return false;
            }
            self.shared.news.notified().await; // a notice that came before stays until now
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::round;

    fn outcome(producers: usize, recv_batch: usize, messages: u64) -> Result<round::Outcome, String> {
        let cell = Cell { strategy: "rust-null".into(), producers, recv_batch, workers: 2, ..Cell::default() };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        round::run::<Null>(&runtime, &cell, messages)
    }

    #[test]
    fn everything_is_made_up_once() {
        for (producers, recv_batch, messages) in
            [(1, 1, 1), (1, 256, 5000), (3, 1, 4097), (16, 256, 100_000), (100, 7, 150)]
        {
            let outcome = outcome(producers, recv_batch, messages).unwrap();
            assert_eq!(outcome.messages, messages.max(producers as u64));
            assert!(outcome.receives > 0);
        }
    }
}
