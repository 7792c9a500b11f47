//! A channel that stands from slice to slice.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::sync::{Barrier, mpsc};

use crate::check::{Checker, word};
use crate::queues::{Queue, Receiver, Sender};
use crate::round::{Outcome, share};
use crate::spec::Cell;

/// A channel whose producers wait at a gate between slices.
pub struct Standing<'a> {
    runtime: &'a Runtime,
    /// How many messages the next slice has; closed at the end.
    orders: mpsc::Sender<u64>,
    outcomes: mpsc::Receiver<Result<Outcome, String>>,
}

/// What producers and consumer share.
struct Shared {
    gate: Barrier,
    /// How much each producer sends behind the gate; nothing at the end.
    quotas: Mutex<Option<Arc<Vec<u64>>>>,
    begun: Instant,
    /// By producer: when it began to send, in ns since then.
    first: Vec<AtomicU64>,
    /// Where all wait who have sent.
    sent: Barrier,
}

impl Standing<'_> {
    /// Runs a slice and returns what it came to.
    pub fn slice(&mut self, messages: u64) -> Result<Outcome, String> {
        self.runtime.block_on(async {
            self.orders.send(messages).await.map_err(|_| "the consumer is gone")?;
            self.outcomes.recv().await.ok_or("the consumer is gone")?
        })
    }

    /// Has the producers leave, and returns whether everything was received once.
    pub fn depart(self) -> Result<(), String> {
        let Self { runtime, orders, mut outcomes } = self;
        drop(orders);
        match runtime.block_on(outcomes.recv()) {
            Some(outcome) => outcome.map(|_| ()),
            None => Err("the consumer is gone".to_owned()),
        }
    }
}

/// Opens a channel and its producers. They and the consumer are tasks: see round::run.
pub fn open<'a, Q: Queue>(runtime: &'a Runtime, cell: &Cell) -> Standing<'a> {
    let (senders, receiver) = Q::open(cell);
    let shared = Arc::new(Shared {
        gate: Barrier::new(senders.len() + 1),
        quotas: Mutex::new(None),
        begun: Instant::now(),
        first: senders.iter().map(|_| AtomicU64::new(0)).collect(),
        sent: Barrier::new(senders.len() + 1),
    });
    for (id, sender) in (0..).zip(senders) {
        runtime.spawn(produce(sender, id, shared.clone()));
    }
    let (orders, ordered) = mpsc::channel(1);
    let (tell, outcomes) = mpsc::channel(1);
    runtime.spawn(consume(receiver, cell.recv_batch, shared, ordered, tell));
    Standing { runtime, orders, outcomes }
}

/// Sends a producer's words behind each gate, until the last. One whose channel is closed
/// stays away from then on: the consumer has said why.
async fn produce<S: Sender>(sender: S, id: usize, shared: Arc<Shared>) {
    let mut from = 0;
    loop {
        shared.gate.wait().await;
        let Some(quotas) = shared.quotas.lock().expect("nobody panics here").clone() else { return };
        shared.first[id].store(shared.begun.elapsed().as_nanos() as u64, Ordering::Relaxed);
        let to = from + quotas[id];
        for seq in from..to {
            if !sender.put(word(id as u64, seq)).await {
                return;
            }
        }
        from = to;
        sender.publish();
        shared.sent.wait().await;
    }
}

/// Receives each slice that is ordered, and at the end whatever is left.
async fn consume<R: Receiver>(
    mut receiver: R,
    most: usize,
    shared: Arc<Shared>,
    mut ordered: mpsc::Receiver<u64>,
    tell: mpsc::Sender<Result<Outcome, String>>,
) {
    let producers = shared.first.len();
    let mut checker = Checker::new(producers);
    let mut sent = vec![0; producers];
    let mut words = Vec::with_capacity(most);
    while let Some(messages) = ordered.recv().await {
        let quotas = share(messages, producers);
        sent.iter_mut().zip(&quotas).for_each(|(sent, quota)| *sent += quota);
        *shared.quotas.lock().expect("nobody panics here") = Some(Arc::new(quotas.clone()));
        shared.gate.wait().await;
        let result = receive(&mut receiver, most, quotas.iter().sum(), &mut words, &mut checker).await;
        let Ok((last, receives)) = result else {
            let _ = tell.send(result.map(|_| unreachable!())).await;
            return;
        };
        shared.sent.wait().await;
        let first = shared.first.iter().map(|first| first.load(Ordering::Relaxed)).min().unwrap_or_default();
        let lasted = last.duration_since(shared.begun).saturating_sub(Duration::from_nanos(first));
        let outcome = Outcome { messages: quotas.iter().sum(), lasted: lasted.max(Duration::from_nanos(1)), receives };
        if tell.send(Ok(outcome)).await.is_err() {
            return;
        }
    }
    *shared.quotas.lock().expect("nobody panics here") = None;
    shared.gate.wait().await;
    let mut result = Ok(());
    while result.is_ok() && receiver.take(&mut words, most).await {
        result = checker.see(&words);
        words.clear();
    }
    let result = result.and_then(|()| checker.finish(&sent));
    let _ = tell.send(result.map(|()| Outcome { messages: 0, lasted: Duration::ZERO, receives: 0 })).await;
}

/// Receives so many words, and returns when the last came and how many receives it took.
async fn receive<R: Receiver>(
    receiver: &mut R,
    most: usize,
    total: u64,
    words: &mut Vec<u64>,
    checker: &mut Checker,
) -> Result<(Instant, u64), String> {
    let (mut left, mut receives) = (total, 0);
    while left > 0 {
        if !receiver.take(words, most.min(usize::try_from(left).unwrap_or(most))).await {
            return Err(format!("the channel ended {left} items before its slice did"));
        }
        receives += 1;
        left -= (words.len() as u64).min(left);
        checker.see(words)?;
        words.clear();
    }
    Ok((Instant::now(), receives))
}
