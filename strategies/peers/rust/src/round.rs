//! One life of a channel under load.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::sync::Barrier;

use crate::check::{Checker, word};
use crate::queues::{Queue, Receiver, Sender};
use crate::spec::Cell;

/// What a round measured.
#[derive(Debug)]
pub struct Outcome {
    pub messages: u64,
    /// From the first send to the last receive.
    pub lasted: Duration,
    /// That returned messages.
    pub receives: u64,
}

/// Has the producers send so many messages together as fast as they can, and
/// receives and checks them all. Producers and consumer are tasks that share the
/// runtime's workers, as goroutines share Go's threads. Were the consumer the main
/// task, it would have a thread beside them, and each wake-up of it be a call of the
/// kernel: tokio's bounded channel was less than half as fast that way.
pub fn run<Q: Queue>(runtime: &Runtime, cell: &Cell, messages: u64) -> Result<Outcome, String> {
    let quotas = share(messages, cell.producers);
    let (senders, receiver) = Q::open(cell);
    let gate = Arc::new(Barrier::new(senders.len() + 1));
    let mut producers = Vec::with_capacity(senders.len());
    for (id, (sender, &quota)) in (0..).zip(senders.into_iter().zip(&quotas)) {
        producers.push(runtime.spawn(produce(sender, id, quota, gate.clone())));
    }
    runtime.block_on(async {
        let consumer = tokio::spawn(drain(receiver, cell.recv_batch, quotas.clone(), gate.clone()));
        let (last, receives) = consumer.await.expect("the consumer panicked")?;
        let mut first = last;
        for producer in producers {
            first = first.min(producer.await.expect("a producer panicked")?);
        }
        Ok(Outcome {
            messages: quotas.iter().sum(),
            lasted: last.duration_since(first).max(Duration::from_nanos(1)),
            receives,
        })
    })
}

/// Sends a producer's words from when the gate opens, and returns when that was.
async fn produce<S: Sender>(sender: S, id: u64, quota: u64, gate: Arc<Barrier>) -> Result<Instant, String> {
    gate.wait().await;
    let first = Instant::now();
    for seq in 0..quota {
        if !sender.put(word(id, seq)).await {
            return Err(format!("producer {id}: send {seq} failed: the channel is closed"));
        }
    }
    Ok(first)
}

/// Receives from when the gate opens until every sender is gone, and returns when the
/// last word came and how many receives returned words.
async fn drain<R: Receiver>(
    mut receiver: R,
    most: usize,
    quotas: Vec<u64>,
    gate: Arc<Barrier>,
) -> Result<(Instant, u64), String> {
    gate.wait().await;
    let total: u64 = quotas.iter().sum();
    let mut checker = Checker::new(quotas.len());
    let mut words = Vec::with_capacity(most);
    let (mut last, mut receives) = (None, 0);
    while receiver.take(&mut words, most).await {
        receives += 1;
        checker.see(&words)?;
        words.clear();
        if checker.received() == total {
            last = Some(Instant::now());
        }
    }
    checker.finish(&quotas)?;
    Ok((last.ok_or("nothing was to be sent")?, receives))
}

/// Splits messages among the producers as evenly as whole numbers allow; each gets
/// at least one.
pub fn share(messages: u64, producers: usize) -> Vec<u64> {
    let (each, over) = (messages / producers as u64, messages % producers as u64);
    (0..producers as u64).map(|id| (each + u64::from(id < over)).max(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up() {
        assert_eq!(share(10, 4), [3, 3, 2, 2]);
        assert_eq!(share(2, 3), [1, 1, 1]);
    }
}
