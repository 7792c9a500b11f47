//! What a trial is told.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::check::{MAX_PRODUCERS, MAX_SEQ};

/// The version of the protocol.
pub const SCHEMA: u64 = 1;

/// The version by which a trial takes turns with others.
pub const SLICES: u64 = 2;

/// How long a trial may take that is not told.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

const MAX_DURATION_NS: u64 = 3_600_000_000_000;

/// What a trial is told, its cell as it came.
pub struct Spec {
    pub cell: Map<String, Value>,
    pub timeout: Duration,
    /// How long a slice is to take, if the trial takes turns with others.
    pub slice: Option<Duration>,
}

impl Spec {
    /// Reads a spec of this version.
    pub fn read(spec: &Value) -> Result<Self, String> {
        if spec["schema"].as_u64() != Some(SCHEMA) {
            return Err(format!("schema {} is not {SCHEMA}", spec["schema"]));
        }
        let cell = spec["cell"].as_object().ok_or("it has no cell")?.clone();
        let timeout = match spec["timeout_ns"].as_u64() {
            None | Some(0) => DEFAULT_TIMEOUT,
            Some(ns) => Duration::from_nanos(ns),
        };
        let slice = match spec.get("slices") {
            None => None,
            Some(slices) if slices["version"].as_u64() != Some(SLICES) => {
                return Err(format!("slices of version {} are not of version {SLICES}", slices["version"]));
            }
            Some(slices) => Some(Duration::from_nanos(number("length_ns", &slices["length_ns"], 1..=MAX_DURATION_NS)?)),
        };
        Ok(Self { cell, timeout, slice })
    }
}

/// The parameters of a cell that this program knows.
#[derive(Debug, Default)]
pub struct Cell {
    pub strategy: String,
    pub producers: usize,
    /// Of all producers together; 0 is the default.
    pub capacity: usize,
    /// 0 is one for each producer.
    pub lanes: usize,
    pub recv_batch: usize,
    /// 0 if the duration decides.
    pub messages: u64,
    pub duration: Duration,
    pub workers: usize,
}

impl Cell {
    /// Reads the parameters. One that this program does not know is an error: to
    /// ignore it would be to measure something else.
    pub fn read(parameters: &Map<String, Value>) -> Result<Self, String> {
        let mut cell = Self::default();
        let mut per_producer = false;
        for (name, value) in parameters {
            match name.as_str() {
                "strategy" => cell.strategy = value.as_str().unwrap_or_default().to_owned(),
                "producers" => cell.producers = number(name, value, 1..=MAX_PRODUCERS)?,
                "capacity" => cell.capacity = number(name, value, 1..=1 << 30)?,
                "lanes" => cell.lanes = number(name, value, 0..=1 << 20)?,
                "recv_batch" => cell.recv_batch = number(name, value, 1..=1 << 20)?,
                "messages" => cell.messages = number(name, value, 1..=MAX_SEQ)?,
                "duration_ns" => cell.duration = Duration::from_nanos(number(name, value, 1..=MAX_DURATION_NS)?),
                "gomaxprocs" => cell.workers = number(name, value, 1..=4096)?,
                "capacity_of" => {
                    per_producer = value == "producer";
                    only(name, value, &["producer".into(), "total".into()])?;
                }
                "arrival" => only(name, value, &["closed".into()])?,
                "policy" => only(name, value, &["block".into()])?,
                "payload_bytes" => only(name, value, &[8.into()])?,
                "send_batch" => only(name, value, &[1.into()])?,
                _ => return Err(format!("the parameter {name} ({value}) is not one that this program knows")),
            }
        }
        if cell.producers == 0 || cell.recv_batch == 0 || cell.workers == 0 {
            return Err("producers, recv_batch and gomaxprocs are needed".to_owned());
        }
        if (cell.messages == 0) == cell.duration.is_zero() {
            return Err("exactly one of messages and duration_ns is needed".to_owned());
        }
        if per_producer {
            cell.capacity *= cell.producers;
        }
        Ok(cell)
    }
}

fn number<T: TryFrom<u64>>(name: &str, value: &Value, range: RangeInclusive<u64>) -> Result<T, String> {
    value
        .as_u64()
        .filter(|n| range.contains(n))
        .and_then(|n| T::try_from(n).ok())
        .ok_or_else(|| format!("{name}: {value} is not in {}..{}", range.start(), range.end()))
}

fn only(name: &str, value: &Value, known: &[Value]) -> Result<(), String> {
    if known.contains(value) {
        return Ok(());
    }
    let list: Vec<String> = known.iter().map(Value::to_string).collect();
    Err(format!("{name}: this program does not know {value} (one of {})", list.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(change: impl FnOnce(&mut Value)) -> Result<Cell, String> {
        let mut cell = json!({
            "strategy": "tokio-mpsc", "producers": 4, "arrival": "closed", "payload_bytes": 8, "capacity": 128,
            "policy": "block", "send_batch": 1, "recv_batch": 256, "duration_ns": 300_000_000, "gomaxprocs": 2,
        });
        change(&mut cell);
        Cell::read(cell.as_object().unwrap())
    }

    #[test]
    fn known_parameters_are_read() {
        let cell = read(|cell| cell["capacity_of"] = "producer".into()).unwrap();
        assert_eq!((cell.producers, cell.capacity, cell.recv_batch, cell.workers), (4, 512, 256, 2));
        assert_eq!(cell.duration, Duration::from_millis(300));
    }

    #[test]
    fn everything_else_is_refused_by_name() {
        for (name, value) in [
            ("stages", json!("10ms+50ms")),
            ("sink", json!("tcp")),
            ("arrival", json!("poisson")),
            ("payload_bytes", json!(64)),
            ("send_batch", json!(32)),
            ("policy", json!("fail")),
            ("capacity_of", json!("lane")),
            ("producers", json!(0)),
            ("producers", json!(-1)),
            ("recv_batch", json!("many")),
            ("messages", json!(5)),
        ] {
            let error = read(|cell| cell[name] = value).unwrap_err();
            assert!(error.contains(name), "{name}: {error}");
        }
    }

    #[test]
    fn other_versions_are_refused() {
        for (spec, want) in [
            (json!({"schema": 2, "cell": {}}), "schema 2"),
            (json!({"schema": 1}), "cell"),
            (json!({"schema": 1, "cell": {}, "slices": {"version": 1}}), "version 1"),
            (json!({"schema": 1, "cell": {}, "slices": {"version": 2}}), "length_ns"),
            (json!("hello"), "schema null"),
        ] {
            assert!(Spec::read(&spec).is_err_and(|error| error.contains(want)), "{spec}");
        }
    }
}
