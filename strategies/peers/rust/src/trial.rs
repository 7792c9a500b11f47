//! One trial: a warm-up and the measured round, or slices.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::parent::Partner;
use crate::queues::{self, Strategy};
use crate::round::Outcome;
use crate::spec::{Cell, Spec};
use crate::warmup::{self, WarmUp};

/// Why there is no measurement, as the suite stores it.
pub type Failure = Value;

/// Words a failure of one of the suite's kinds.
pub fn failure(kind: &str, detail: String) -> Failure {
    json!({"kind": kind, "detail": detail})
}

/// Executes a trial and returns its measurement.
pub fn run(spec: &Spec, partner: &mut impl Partner) -> Result<Value, Failure> {
    let refused = |why| failure("error", why);
    let cell = Cell::read(&spec.cell).map_err(refused)?;
    let strategy = queues::ALL
        .iter()
        .find(|s| s.name == cell.strategy)
        .ok_or_else(|| refused(format!("unknown strategy {:?}", cell.strategy)))?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(cell.workers)
        .build()
        .map_err(|error| refused(format!("starting {} workers: {error}", cell.workers)))?;
    let result = match spec.slice {
        None => measure(&runtime, strategy, &cell),
        Some(length) => measure_in_turns(&runtime, strategy, &cell, length, partner),
    };
    runtime.shutdown_background(); // a failed round may have left producers running
    result.map_err(|error| failure("delivery", error))
}

fn measure(runtime: &Runtime, strategy: &Strategy, cell: &Cell) -> Result<Value, String> {
    let warm_up = warmup::run(cell, |messages| (strategy.round)(runtime, cell, messages))
        .map_err(|error| format!("warming up: {error}"))?;
    let messages = match cell.messages {
        0 => warm_up.messages_in(cell.duration, cell.producers),
        messages => messages,
    };
    let measured = (strategy.round)(runtime, cell, messages)?;
    Ok(report(&warm_up, &measured))
}

/// Measures a slice whenever its partner says so, over one channel, the warm-up included.
fn measure_in_turns(
    runtime: &Runtime,
    strategy: &Strategy,
    cell: &Cell,
    length: Duration,
    partner: &mut impl Partner,
) -> Result<Value, String> {
    let mut standing = (strategy.stand)(runtime, cell);
    let warm_up =
        warmup::run(cell, |messages| standing.slice(messages)).map_err(|error| format!("warming up: {error}"))?;
    let messages = warm_up.messages_in(length, cell.producers);
    partner.ready(Duration::from_secs_f64(messages as f64 / warm_up.rate), messages)?;
    let mut sum = Outcome { messages: 0, lasted: Duration::ZERO, receives: 0 };
    let mut led = false;
    while partner.next()? {
        let slice = standing.slice(messages)?;
        if led {
            sum.messages += slice.messages;
            sum.lasted += slice.lasted;
            sum.receives += slice.receives;
        }
        led = true; // the first slice leads in
        partner.did(&slice)?;
    }
    standing.depart()?;
    Ok(report(&warm_up, &sum))
}

fn report(warm_up: &WarmUp, measured: &Outcome) -> Value {
    let rounds: Vec<Value> = warm_up
        .rounds
        .iter()
        .map(|round| json!({"messages": round.messages, "elapsed_ns": ns(round.lasted)}))
        .collect();
    let mut measurement = json!({
        "elapsed_ns": ns(measured.lasted), "attempted": measured.messages, "delivered": measured.messages,
        "dropped": 0, "rejected": 0, "receives": measured.receives, "warm_up": rounds, "steady": warm_up.steady,
        "clock": "monotonic", "clock_ns": clock_ns(),
    });
    if let Some(bytes) = peak_bytes() {
        measurement["peak_bytes"] = bytes.into();
    }
    measurement
}

/// The highest resident set of this process, where Linux tells. What getrusage tells
/// is that of the parent, if it was higher when this process began.
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = peak.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}

/// A time as the suite stores it.
fn ns(time: Duration) -> u64 {
    time.as_nanos() as u64
}

/// What reading the clock costs, in ns.
fn clock_ns() -> f64 {
    const READINGS: u32 = 10_000;
    let begun = Instant::now();
    for _ in 0..READINGS {
        black_box(Instant::now());
    }
    ns(begun.elapsed()) as f64 / f64::from(READINGS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Has a trial take turns right after each other.
    #[derive(Default)]
    struct Soloist {
        turns: u64,
        taken: u64,
        sum: u64,
    }

    impl Partner for Soloist {
        fn ready(&mut self, slice: Duration, messages: u64) -> Result<(), String> {
            assert!(!slice.is_zero() && messages > 0);
            Ok(())
        }

        fn did(&mut self, slice: &Outcome) -> Result<(), String> {
            if self.taken > 0 {
                self.sum += slice.messages;
            }
            self.taken += 1;
            Ok(())
        }

        fn next(&mut self) -> Result<bool, String> {
            Ok(self.taken < self.turns)
        }
    }

    fn trial(change: impl FnOnce(&mut Value)) -> Result<Value, Failure> {
        let mut spec = json!({"schema": 1, "cell": {
            "strategy": "spillway", "producers": 3, "arrival": "closed", "payload_bytes": 8,
            "send_batch": 1, "recv_batch": 16, "messages": 10_000, "gomaxprocs": 2,
        }});
        change(&mut spec["cell"]);
        run(&Spec::read(&spec).unwrap(), &mut Soloist::default())
    }

    #[test]
    fn every_strategy_takes_turns() {
        for strategy in &queues::ALL {
            let spec = Spec::read(&json!({"schema": 1, "slices": {"version": 2, "length_ns": 1_000_000}, "cell": {
                "strategy": strategy.name, "producers": 3, "arrival": "closed", "payload_bytes": 8,
                "send_batch": 1, "recv_batch": 16, "duration_ns": 5_000_000, "gomaxprocs": 2,
            }}))
            .unwrap();
            let mut partner = Soloist { turns: 5, ..Soloist::default() };
            let measurement = run(&spec, &mut partner).unwrap();
            assert_eq!(partner.taken, 5);
            assert_eq!(measurement["delivered"], partner.sum, "{measurement}");
        }
    }

    #[test]
    fn every_strategy_delivers_what_was_sent() {
        for strategy in &queues::ALL {
            for (recv_batch, lanes) in [(1, 0), (16, 2)] {
                let result = trial(|cell| {
                    cell["strategy"] = strategy.name.into();
                    cell["recv_batch"] = recv_batch.into();
                    cell["lanes"] = lanes.into();
                });
                let measurement = match result {
                    Err(failure) if strategy.name == "spillway" => {
                        // Seldom, and its own doing: see what it lacks.
                        assert!(failure["detail"].as_str().unwrap().contains("lost"), "{failure}");
                        continue;
                    }
                    result => result.unwrap(),
                };
                assert_eq!(measurement["delivered"], 10_000, "{measurement}");
                let receives = measurement["receives"].as_u64().unwrap();
                assert!((10_000 / recv_batch..=10_000).contains(&receives), "{receives} of {recv_batch}");
                assert!(measurement["elapsed_ns"].as_u64().unwrap() > 0);
            }
        }
    }

    #[test]
    fn what_is_not_known_is_a_failure_that_names_it() {
        for (name, value) in [("stages", json!("1ms")), ("strategy", json!("chan"))] {
            let failure = trial(|cell| cell[name] = value).unwrap_err();
            assert_eq!(failure["kind"], "error");
            assert!(failure["detail"].as_str().unwrap().contains(name), "{failure}");
        }
    }
}
