//! Random numbers of our own: one generator for every purpose, keyed by what it may depend on.
//!
//! libtorch's process-wide generator is never drawn from. A stream is a function of the run's seed,
//! the trial's `seed`, the fold, the purpose and an index (an epoch, a layer), so a trial's numbers
//! do not depend on threads, on order, or on which other trials the grid holds.

#[cfg(test)]
pub mod noise;
mod normal;

use chacha20::ChaCha8Rng;
use rand::SeedableRng;

pub use normal::draw_normal;

/// What a stream of random numbers is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The split into train, valid and test rows.
    Split = 1,
    /// First weights; the index is the layer.
    Weights = 2,
    /// The order of the train rows; the index is the epoch.
    Shuffle = 3,
    /// Dropout masks; the index is the epoch.
    Dropout = 4,
    /// Rows drawn to balance the classes; the index is the class.
    Balance = 5,
    /// Noise on the inputs; the index is the epoch.
    InputNoise = 6,
    /// Rows drawn again to tell how far a score moves.
    Bootstrap = 7,
    /// First weights of an embedding.
    Embedding = 8,
    /// Rows drawn, and the values of a feature shuffled among them; the index is the repeat, from 1.
    Permutation = 9,
    /// A tree of a forest: its rows, and the columns and thresholds tried; the index is the tree.
    Tree = 10,
    /// The seed of the draws of a library that boosts.
    Boosting = 11,
}

/// The streams of one trial on one fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Streams {
    run_seed: u64,
    trial_seed: u64,
    fold: u32,
}

impl Streams {
    /// The streams of the trials with `trial_seed` on `fold`, in a run with `run_seed`.
    pub const fn new(run_seed: u64, trial_seed: u64, fold: u32) -> Self {
        Self { run_seed, trial_seed, fold }
    }

    /// A fresh generator for a purpose; the same arguments give the same numbers.
    pub fn generator(&self, purpose: Purpose, index: u64) -> ChaCha8Rng {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&self.run_seed.to_le_bytes());
        key[8..16].copy_from_slice(&self.trial_seed.to_le_bytes());
        key[16..20].copy_from_slice(&self.fold.to_le_bytes());
        key[20] = purpose as u8;
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(index);
        generator
    }
}

/// A whole number below `bound`, which is above 0.
///
/// By multiplication rather than by rejection: the bias is below 2⁻³² for any table that fits in
/// memory, and every draw takes one number from the generator.
pub fn below(bound: usize, generator: &mut ChaCha8Rng) -> usize {
    use rand::Rng;
    ((u128::from(generator.next_u64()) * bound as u128) >> 64) as usize
}

/// How many of `draws` draws succeed, each with the probability `part / whole`.
///
/// In whole numbers alone, so that no processor's logarithm decides. A draw is a row of random binary
/// digits, and succeeds where it is below those of the probability; all draws that equal them so far
/// are told apart by the next digit, which takes `draws / 32` numbers from the generator in all.
pub fn binomial(draws: u64, (part, whole): (u64, u64), generator: &mut ChaCha8Rng) -> u64 {
    if part >= whole {
        return draws;
    }
    let whole = u128::from(whole);
    let (mut equal, mut below, mut rest) = (draws, 0, u128::from(part));
    while equal > 0 && rest > 0 {
        let ones = ones(equal, generator);
        rest *= 2;
        if rest >= whole {
            rest -= whole;
            below += equal - ones;
            equal = ones;
        } else {
            equal -= ones;
        }
    }
    below
}

/// How many of so many random binary digits are ones.
fn ones(digits: u64, generator: &mut ChaCha8Rng) -> u64 {
    use rand::Rng;
    let words: u64 = (0..digits / 64).map(|_| u64::from(generator.next_u64().count_ones())).sum();
    let mask = (1 << (digits % 64)) - 1;
    let rest = if mask == 0 { 0 } else { generator.next_u64() & mask };
    words + u64::from(rest.count_ones())
}

/// Puts `items` in random order (Fisher and Yates).
pub fn shuffle<T>(items: &mut [T], generator: &mut ChaCha8Rng) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(last + 1, generator));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(streams: Streams, epoch: u64) -> Vec<u32> {
        let mut rows: Vec<u32> = (0..100).collect();
        shuffle(&mut rows, &mut streams.generator(Purpose::Shuffle, epoch));
        rows
    }

    #[test]
    fn a_stream_is_a_function_of_its_key() {
        assert_eq!(order(Streams::new(1, 2, 0), 5), order(Streams::new(1, 2, 0), 5));
    }

    #[test]
    fn every_part_of_the_key_matters() {
        let first = order(Streams::new(1, 2, 0), 5);
        for other in [Streams::new(0, 2, 0), Streams::new(1, 3, 0), Streams::new(1, 2, 1)] {
            assert_ne!(first, order(other, 5));
        }
        assert_ne!(first, order(Streams::new(1, 2, 0), 6));
    }

    #[test]
    fn a_shuffle_keeps_every_item() {
        let mut rows = order(Streams::new(7, 7, 7), 1);
        rows.sort_unstable();
        assert_eq!(rows, (0..100).collect::<Vec<u32>>());
    }

    #[test]
    fn a_binomial_count_has_its_mean_and_its_variance() {
        let mut generator = Streams::new(3, 1, 4).generator(Purpose::Bootstrap, 0);
        for (draws, part, whole) in [(10, 1, 3), (100, 1, 2), (1000, 2, 1000), (777, 776, 777)] {
            let counts: Vec<f64> =
                (0..4000).map(|_| binomial(draws, (part, whole), &mut generator) as f64).collect();
            let share = part as f64 / whole as f64;
            let variance = draws as f64 * share * (1.0 - share);
            let mean = counts.iter().sum::<f64>() / 4000.0;
            let found = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / 4000.0;
            assert!((mean - draws as f64 * share).abs() < 4.0 * (variance / 4000.0).sqrt());
            assert!((found / variance - 1.0).abs() < 0.12, "{found} is not {variance}");
        }
    }

    #[test]
    fn what_is_certain_is_counted_without_a_draw() {
        let mut generator = Streams::new(3, 1, 4).generator(Purpose::Bootstrap, 0);
        assert_eq!(binomial(5, (0, 7), &mut generator), 0);
        assert_eq!(binomial(5, (7, 7), &mut generator), 5);
        assert_eq!(binomial(0, (3, 7), &mut generator), 0);
    }
}
