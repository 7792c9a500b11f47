//! Rust's channels as strategies of fanin-bench.
//!
//! `originals describe` says which there are, `originals trial` executes a trial of
//! one: a JSON spec on standard input, a JSON reply on standard output. Both are
//! documented in the suite's harness/doc.go. The method is that of its own trials -
//! warm-up rounds until their rates agree, one measured round, the clock from the
//! first send to the last receive, every delivery checked - for closed loops of
//! 8-byte words. Anything else of a spec is refused by name.

mod check;
mod floor;
mod queues;
mod round;
mod spec;
mod trial;
mod warmup;

use std::io::{self, Read};
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use serde_json::{Value, json};

use spec::{SCHEMA, Spec};
use trial::{Failure, failure};

fn main() -> ExitCode {
    let verb = std::env::args().nth(1);
    let answer = match verb.as_deref() {
        Some("describe") => Ok(queues::describe()),
        Some("trial") => serve(),
        _ => {
            eprintln!("usage: originals describe | originals trial <spec.json");
            return ExitCode::from(2);
        }
    };
    match answer {
        Ok(answer) => {
            println!("{answer}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("originals: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Executes the trial that standard input asks for. The error is one of reading.
fn serve() -> Result<Value, String> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| format!("reading the trial spec: {error}"))?;
    let spec = Spec::read(&text).map_err(|error| format!("reading the trial spec: {error}"))?;
    Ok(match execute(spec) {
        Ok(measurement) => json!({"schema": SCHEMA, "measurement": measurement}),
        Err(failure) => json!({"schema": SCHEMA, "failure": failure}),
    })
}

/// Executes a trial in a thread of its own, so as to give up on it when its time is
/// over. What is left running then ends with the process.
fn execute(spec: Spec) -> Result<Value, Failure> {
    let timeout = spec.timeout;
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(trial::run(&spec)));
    match told.recv_timeout(timeout) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => Err(failure("timeout", format!("not finished after {timeout:?}"))),
        Err(RecvTimeoutError::Disconnected) => Err(failure("panic", "the trial panicked".to_owned())),
    }
}
