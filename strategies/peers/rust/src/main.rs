//! Rust's channels as strategies of fanin-bench.
//!
//! `originals describe` says which there are, `originals trial` executes a trial of
//! one: a JSON spec on standard input, a JSON reply on standard output. Both are
//! documented in the suite's harness/doc.go. The method is that of its own trials -
//! warm-up rounds until their rates agree, one measured round, the clock from the
//! first send to the last receive, every delivery checked - for closed loops of
//! 8-byte words, or the same slice by slice. Anything else of a spec is refused by name.

mod check;
mod floor;
mod parent;
mod queues;
mod round;
mod spec;
mod standing;
mod trial;
mod warmup;

use std::io;
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use serde_json::{Deserializer, Value, json};

use parent::Parent;
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
    let unread = |error: &dyn std::fmt::Display| format!("reading the trial spec: {error}");
    let mut input = Deserializer::from_reader(io::stdin()).into_iter::<Value>();
    let text = input.next().ok_or_else(|| unread(&"it is empty"))?.map_err(|error| unread(&error))?;
    let spec = Spec::read(&text).map_err(|error| unread(&error))?;
    Ok(match execute(spec, Parent::new(input)) {
        Ok(measurement) => json!({"schema": SCHEMA, "measurement": measurement}),
        Err(failure) => json!({"schema": SCHEMA, "failure": failure}),
    })
}

/// Executes a trial in a thread of its own, so as to give up on it when its time is
/// over. What is left running then ends with the process. The time of one that takes
/// turns is not counted here: its parent knows which of it is the trial's own.
fn execute(spec: Spec, mut parent: Parent) -> Result<Value, Failure> {
    let timeout = if spec.slice.is_none() { spec.timeout } else { Duration::MAX };
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(trial::run(&spec, &mut parent)));
    match told.recv_timeout(timeout) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => Err(failure("timeout", format!("not finished after {timeout:?}"))),
        Err(RecvTimeoutError::Disconnected) => Err(failure("panic", "the trial panicked".to_owned())),
    }
}
