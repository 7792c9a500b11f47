//! Rounds before the measured one, until their rates agree.

use std::time::Duration;

use crate::round::Outcome;
use crate::spec::Cell;

// These are the suite's: see results/warmup for how they were chosen.
const STEADY_ROUNDS: usize = 3;
const STEADY_VARIATION: f64 = 0.10;
const FIRST_ROUND: u64 = 1 << 12;
const SHORTEST: Duration = Duration::from_millis(50);
const SHARE: u32 = 8;
const MOST_ROUNDS: usize = 64;
const PER_PRODUCER: u64 = 100;
const LEAST_ROUND: u64 = 1 << 20;

/// The rounds of a warm-up and what they tell.
pub struct WarmUp {
    pub rounds: Vec<Outcome>,
    /// The last rounds agreed.
    pub steady: bool,
    /// The median of the last rounds, in messages per second.
    pub rate: f64,
}

impl WarmUp {
    /// How many messages take so long, and at least as many as tell a rate.
    pub fn messages_in(&self, length: Duration, producers: usize) -> u64 {
        ((self.rate * length.as_secs_f64()) as u64).max(least_messages(producers))
    }
}

/// The fewest messages that tell a rate of so many producers.
fn least_messages(producers: usize) -> u64 {
    let producers = producers as u64;
    producers.max(LEAST_ROUND.min(producers * PER_PRODUCER))
}

/// Runs rounds of growing size until one lasts long enough to tell a rate, then
/// more until their rates agree or the warm-up has taken as long as the measured
/// part will.
pub fn run(cell: &Cell, mut round: impl FnMut(u64) -> Result<Outcome, String>) -> Result<WarmUp, String> {
    let budget = cell.duration.max(SHORTEST);
    let most = if cell.messages > 0 { cell.messages } else { u64::MAX };
    let mut messages = FIRST_ROUND.max(least_messages(cell.producers));
    let mut spent = Duration::ZERO;
    let mut rounds = Vec::new();
    let mut rates = Vec::new();
    loop {
        messages = messages.min(most);
        let outcome = round(messages)?;
        let lasted = outcome.lasted;
        spent += lasted;
        rates.push(outcome.messages as f64 / lasted.as_secs_f64());
        rounds.push(outcome);
        if lasted < budget / SHARE && messages < most {
            messages *= 2;
            rates.clear();
            continue;
        }
        let last = &rates[rates.len().saturating_sub(STEADY_ROUNDS)..];
        let steady = agree(last);
        if steady || spent >= budget || rounds.len() >= MOST_ROUNDS {
            let rate = median(last);
            return Ok(WarmUp { rounds, steady, rate });
        }
    }
}

/// Says whether there are enough rates and their coefficient of variation is small.
fn agree(rates: &[f64]) -> bool {
    if rates.len() < STEADY_ROUNDS {
        return false;
    }
    let mean = rates.iter().sum::<f64>() / rates.len() as f64;
    let squares: f64 = rates.iter().map(|rate| (rate - mean).powi(2)).sum();
    (squares / (rates.len() - 1) as f64).sqrt() <= STEADY_VARIATION * mean
}

fn median(rates: &[f64]) -> f64 {
    let mut sorted = rates.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warm_up(cell: &Cell, rates: &[f64]) -> WarmUp {
        let mut rates = rates.iter().cycle();
        run(cell, |messages| {
            let lasted = Duration::from_secs_f64(messages as f64 / rates.next().unwrap());
            Ok(Outcome { messages, lasted, receives: 1 })
        })
        .unwrap()
    }

    #[test]
    fn rounds_grow_until_they_last_and_agree() {
        let cell = Cell { producers: 1, duration: Duration::from_millis(800), ..Cell::default() };
        let warm_up = warm_up(&cell, &[1e6]);
        assert!(warm_up.steady);
        assert_eq!(warm_up.rate.round(), 1e6);
        let last: Vec<u64> = warm_up.rounds.iter().rev().take(4).map(|round| round.messages).collect();
        assert_eq!(last, [1 << 17, 1 << 17, 1 << 17, 1 << 16]);
    }

    #[test]
    fn rates_that_never_agree_end_it_with_the_budget() {
        let cell = Cell { producers: 1, duration: Duration::from_millis(100), ..Cell::default() };
        let warm_up = warm_up(&cell, &[1e5, 1e6]);
        assert!(!warm_up.steady);
        let spent: Duration = warm_up.rounds.iter().map(|round| round.lasted).sum();
        assert!(spent >= Duration::from_millis(100), "{spent:?}");
    }

    #[test]
    fn a_count_is_not_passed() {
        let cell = Cell { producers: 2, messages: 1000, ..Cell::default() };
        let warm_up = warm_up(&cell, &[1e9]);
        assert!(warm_up.rounds.iter().all(|round| round.messages == 1000));
        assert!(warm_up.steady);
    }
}
