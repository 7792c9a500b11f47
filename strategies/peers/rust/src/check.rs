//! The words that are sent, and the check of each that is received.

/// How many bits of a word are its place in its producer's sequence; the others are
/// the producer.
const SEQ_BITS: u32 = 40;

/// The last place of a sequence.
pub const MAX_SEQ: u64 = (1 << SEQ_BITS) - 1;

/// The most producers of a trial.
pub const MAX_PRODUCERS: u64 = 1_000_000;

/// Packs a producer and a place in its sequence.
pub fn word(producer: u64, seq: u64) -> u64 {
    producer << SEQ_BITS | seq
}

fn unpack(word: u64) -> (usize, u64) {
    ((word >> SEQ_BITS) as usize, word & MAX_SEQ)
}

/// Checks that what is received is what was sent, each word once and those of a
/// producer in the order they were sent in.
pub struct Checker {
    next: Vec<u64>,
    received: u64,
}

impl Checker {
    pub fn new(producers: usize) -> Self {
        Self { next: vec![0; producers], received: 0 }
    }

    /// How many words have been received.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Takes note of what was received. Nothing is ever dropped here, so a word is
    /// the next of its producer or wrong.
    pub fn see(&mut self, words: &[u64]) -> Result<(), String> {
        for &word in words {
            let (producer, seq) = unpack(word);
            match self.next.get_mut(producer) {
                Some(next) if *next == seq => *next += 1,
                _ => return Err(self.odd(word)),
            }
        }
        self.received += words.len() as u64;
        Ok(())
    }

    #[cold]
    fn odd(&self, word: u64) -> String {
        let (producer, seq) = unpack(word);
        match self.next.get(producer) {
            None => format!("received an item of producer {producer}; there are {}", self.next.len()),
            Some(next) if seq < *next => {
                format!("producer {producer}: item {seq} received again or out of order, after item {}", next - 1)
            }
            Some(next) => format!("producer {producer}: item {seq} received when item {next} was due"),
        }
    }

    /// Says whether everything was received.
    pub fn finish(&self, quotas: &[u64]) -> Result<(), String> {
        for (producer, (next, quota)) in self.next.iter().zip(quotas).enumerate() {
            if next < quota {
                return Err(format!("producer {producer}: {} of {quota} items lost", quota - next));
            }
            if next > quota {
                return Err(format!("producer {producer}: received item {}; only {quota} were sent", next - 1));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &[(u64, u64)]) -> Result<(), String> {
        let words: Vec<u64> = words.iter().map(|&(producer, seq)| word(producer, seq)).collect();
        let mut checker = Checker::new(2);
        checker.see(&words)?;
        checker.finish(&[2, 1])
    }

    #[test]
    fn what_was_sent_passes() {
        assert_eq!(check(&[(0, 0), (1, 0), (0, 1)]), Ok(()));
    }

    #[test]
    fn wrong_deliveries_are_told_apart() {
        for (words, want) in [
            (&[(0, 0), (1, 0)][..], "producer 0: 1 of 2 items lost"),
            (&[(0, 0), (0, 0)], "item 0 received again"),
            (&[(0, 1), (0, 0)], "item 1 received when item 0 was due"),
            (&[(0, 0), (0, 1), (1, 0), (1, 1)], "received item 1; only 1 were sent"),
            (&[(2, 0)], "of producer 2; there are 2"),
        ] {
            let error = check(words).unwrap_err();
            assert!(error.contains(want), "{error}; want {want}");
        }
    }
}
