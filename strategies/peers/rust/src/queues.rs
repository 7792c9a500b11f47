//! The channels that are measured.

use std::collections::HashMap;

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::floor::Null;
use crate::round::{self, Outcome};
use crate::spec::{Cell, SCHEMA, SLICES};
use crate::standing::{self, Standing};

/// A kind of channel.
pub trait Queue {
    type Sender: Sender;
    type Receiver: Receiver;

    /// Makes a channel and the senders of a cell's producers.
    fn open(cell: &Cell) -> (Vec<Self::Sender>, Self::Receiver);
}

/// The end of a channel that one producer sends to.
pub trait Sender: Send + 'static {
    /// Sends a word; false if nobody will receive it.
    fn put(&self, word: u64) -> impl Future<Output = bool> + Send;

    /// Says that the producer sends nothing for a while, so that all it sent is to be there.
    fn publish(&self) {}
}

/// The end that the consumer receives from.
pub trait Receiver: Send + 'static {
    /// Waits for at least one word and appends it, and what else is there up to
    /// `most`; false when every sender is gone and nothing is left.
    fn take(&mut self, words: &mut Vec<u64>, most: usize) -> impl Future<Output = bool> + Send;
}

/// What the suite wants to know of a channel, and how to run a round over it.
pub struct Strategy {
    pub name: &'static str,
    doc: &'static str,
    family: &'static str,
    order: &'static str,
    bound: &'static str,
    policies: &'static [&'static str],
    lanes: bool,
    lacks: Option<(&'static str, &'static str)>,
    floor: bool,
    package: &'static str,
    source: &'static str,
    pub round: fn(&Runtime, &Cell, u64) -> Result<Outcome, String>,
    pub stand: for<'a> fn(&'a Runtime, &Cell) -> Standing<'a>,
}

/// Every strategy of this program.
pub const ALL: [Strategy; 4] = [
    Strategy {
        name: "rust-null",
        doc: "carries nothing in Rust: counts the sends and makes the words up at the other end (the floor of this program)",
        family: "",
        order: "per producer",
        bound: "unbounded",
        policies: &[],
        lanes: false,
        lacks: None,
        floor: true,
        package: "tokio",
        source: "this project",
        round: round::run::<Null>,
        stand: standing::open::<Null>,
    },
    Strategy {
        name: "tokio-mpsc",
        doc: "tokio's bounded channel in Rust: a list of blocks of 32 places behind a semaphore; received with recv_many",
        family: "lock-free",
        order: "global",
        bound: "bounded in total",
        policies: &["block"],
        lanes: false,
        lacks: None,
        floor: false,
        package: "tokio",
        source: "https://docs.rs/tokio/latest/tokio/sync/mpsc/",
        round: round::run::<TokioBounded>,
        stand: standing::open::<TokioBounded>,
    },
    Strategy {
        name: "tokio-unbounded",
        doc: "tokio's unbounded channel in Rust: a list of blocks of 32 places; received with recv_many",
        family: "lock-free",
        order: "global",
        bound: "unbounded",
        policies: &[],
        lanes: false,
        lacks: None,
        floor: false,
        package: "tokio",
        source: "https://docs.rs/tokio/latest/tokio/sync/mpsc/",
        round: round::run::<TokioUnbounded>,
        stand: standing::open::<TokioUnbounded>,
    },
    Strategy {
        name: "spillway",
        doc: "sharded lanes in Rust: a mutex and a deque per lane, which the consumer swaps whole in turn",
        family: "lanes",
        order: "per producer",
        bound: "unbounded",
        policies: &[],
        lanes: true,
        lacks: Some((
            "drain",
            "it looks whether senders are left after it looked for items: what the last one sends in between is lost",
        )),
        floor: false,
        package: "spillway",
        source: "https://docs.rs/spillway",
        round: round::run::<Spillway>,
        stand: standing::open::<Spillway>,
    },
];

/// The answer to describe.
pub fn describe() -> Value {
    let strategies: Vec<Value> = ALL
        .iter()
        .map(|s| {
            json!({
                "name": s.name, "doc": s.doc, "family": s.family, "order": s.order, "bound": s.bound, "policies": s.policies,
                "lanes": s.lanes, "floor": s.floor, "lacks": s.lacks.into_iter().collect::<HashMap<_, _>>(),
                "wait": "parks at once", "source": s.source,
                "module": format!("crates.io/{}@{}", s.package, version(s.package)),
            })
        })
        .collect();
    json!({"schema": SCHEMA, "strategies": strategies, "slices": SLICES})
}

/// The version of a package that this program was built with.
fn version(package: &str) -> &'static str {
    let locked = include_str!("../Cargo.lock");
    let name = format!("name = \"{package}\"\n");
    let (_, entry) = locked.split_once(&name).expect("Cargo.lock has every package");
    entry.split('"').nth(1).expect("a package's version follows its name")
}

/// How many words a bounded channel holds if the cell does not say: as in the suite.
const DEFAULT_CAPACITY: usize = 1024;

struct TokioBounded;

impl Queue for TokioBounded {
    type Sender = mpsc::Sender<u64>;
    type Receiver = mpsc::Receiver<u64>;

    fn open(cell: &Cell) -> (Vec<Self::Sender>, Self::Receiver) {
        let capacity = if cell.capacity == 0 { DEFAULT_CAPACITY } else { cell.capacity };
        let (sender, receiver) = mpsc::channel(capacity);
        (copies(sender, cell.producers), receiver)
    }
}

impl Sender for mpsc::Sender<u64> {
    async fn put(&self, word: u64) -> bool {
        self.send(word).await.is_ok()
    }
}

impl Receiver for mpsc::Receiver<u64> {
    async fn take(&mut self, words: &mut Vec<u64>, most: usize) -> bool {
        self.recv_many(words, most).await > 0
    }
}

struct TokioUnbounded;

impl Queue for TokioUnbounded {
    type Sender = mpsc::UnboundedSender<u64>;
    type Receiver = mpsc::UnboundedReceiver<u64>;

    fn open(cell: &Cell) -> (Vec<Self::Sender>, Self::Receiver) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (copies(sender, cell.producers), receiver)
    }
}

impl Sender for mpsc::UnboundedSender<u64> {
    async fn put(&self, word: u64) -> bool {
        self.send(word).is_ok()
    }
}

impl Receiver for mpsc::UnboundedReceiver<u64> {
    async fn take(&mut self, words: &mut Vec<u64>, most: usize) -> bool {
        self.recv_many(words, most).await > 0
    }
}

struct Spillway;

impl Queue for Spillway {
    type Sender = spillway::Sender<u64>;
    type Receiver = spillway::Receiver<u64>;

    fn open(cell: &Cell) -> (Vec<Self::Sender>, Self::Receiver) {
        let lanes = if cell.lanes == 0 { cell.producers } else { cell.lanes };
        let (sender, receiver) = spillway::channel_with_concurrency(lanes);
        (copies(sender, cell.producers), receiver)
    }
}

impl Sender for spillway::Sender<u64> {
    async fn put(&self, word: u64) -> bool {
        self.send(word).is_ok()
    }
}

impl Receiver for spillway::Receiver<u64> {
    /// One word at a time where one is asked for, as it was published.
    async fn take(&mut self, words: &mut Vec<u64>, most: usize) -> bool {
        if most == 1 {
            let word = self.next().await;
            words.extend(word);
            return word.is_some();
        }
        match self.next_batch().await {
            Some(batch) => {
                words.extend(batch.take(most));
                true
            }
            None => false,
        }
    }
}

/// The sender that a channel came with, and its clones: spillway gives each the
/// next lane.
fn copies<S: Clone>(sender: S, producers: usize) -> Vec<S> {
    let mut senders = vec![sender];
    while senders.len() < producers {
        senders.push(senders[0].clone());
    }
    senders
}
