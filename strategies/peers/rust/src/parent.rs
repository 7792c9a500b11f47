//! Whom a trial takes turns for.

use std::io::{self, Stdin, Write};
use std::time::Duration;

use serde_json::{StreamDeserializer, Value, de::IoRead, json};

use crate::round::Outcome;
use crate::spec::SCHEMA;

/// Who has a trial take turns with others.
pub trait Partner {
    /// Takes note that the trial has warmed up, and how long a slice of it takes.
    fn ready(&mut self, slice: Duration, messages: u64) -> Result<(), String>;

    /// Takes note of a slice.
    fn did(&mut self, slice: &Outcome) -> Result<(), String>;

    /// Waits for what is next: true is a slice, false the end.
    fn next(&mut self) -> Result<bool, String>;
}

/// The process that started this one. It is read from standard input after the spec, and
/// told on standard output before the reply.
pub struct Parent {
    input: StreamDeserializer<'static, IoRead<Stdin>, Value>,
}

impl Parent {
    pub fn new(input: StreamDeserializer<'static, IoRead<Stdin>, Value>) -> Self {
        Self { input }
    }
}

impl Partner for Parent {
    fn ready(&mut self, slice: Duration, messages: u64) -> Result<(), String> {
        say(&json!({"schema": SCHEMA, "ready": {"slice_ns": slice.as_nanos() as u64, "messages": messages}}))
    }

    fn did(&mut self, slice: &Outcome) -> Result<(), String> {
        say(&json!({"slice": {"messages": slice.messages, "elapsed_ns": slice.lasted.as_nanos() as u64}}))
    }

    fn next(&mut self) -> Result<bool, String> {
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
