//! The one that has a trial take turns with others.

use std::io::{self, Stdin, Write};
use std::time::Duration;

use serde_json::{StreamDeserializer, Value, de::IoRead, json};

use crate::round::Outcome;
use crate::spec::SCHEMA;

/// What is read from standard input after the spec, and said on standard output before
/// the reply.
pub struct Parent {
    input: StreamDeserializer<'static, IoRead<Stdin>, Value>,
}

impl Parent {
    pub fn new(input: StreamDeserializer<'static, IoRead<Stdin>, Value>) -> Self {
        Self { input }
    }

    /// Says that the trial has warmed up, and how long a slice of it takes.
    pub fn ready(&self, slice: Duration, messages: u64) -> Result<(), String> {
        say(&json!({"schema": SCHEMA, "ready": {"slice_ns": slice.as_nanos() as u64, "messages": messages}}))
    }

    /// Says what a slice came to.
    pub fn did(&self, slice: &Outcome) -> Result<(), String> {
        say(&json!({"slice": {"messages": slice.messages, "elapsed_ns": slice.lasted.as_nanos() as u64}}))
    }

    /// Waits for what is next: true is a slice, false the end.
    pub fn next(&mut self) -> Result<bool, String> {
        match self.input.next() {
            Some(Ok(command)) if command["slice"] == true => Ok(true),
            Some(Ok(command)) if command["end"] == true => Ok(false),
            Some(Ok(command)) => Err(format!("{command} is neither a slice nor the end")),
            Some(Err(error)) => Err(format!("reading whose turn it is: {error}")),
            None => Err("reading whose turn it is: there is no more".to_owned()),
        }
    }
}

fn say(line: &Value) -> Result<(), String> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| format!("saying {line}: {error}"))
}
