//! The best split of a node found so far.

use super::sample::{self, Tally};

/// Where a column is cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cut {
    /// Between two ranks that follow one another among the node's rows.
    Between(u32, u32),
    /// At a threshold that was drawn.
    At(f32),
    /// All values left, all missing cells right.
    Missing,
}

/// A way of parting a node.
#[derive(Debug, Clone)]
pub(super) struct Split {
    /// The greater the better.
    pub(super) score: f64,
    pub(super) column: u32,
    pub(super) cut: Cut,
    pub(super) missing_left: bool,
    /// The rows on the left, `[classes]`.
    pub(super) left: Vec<Tally>,
}

impl Split {
    /// None yet.
    pub(super) fn none(classes: usize) -> Self {
        Self {
            score: f64::NEG_INFINITY,
            column: 0,
            cut: Cut::Missing,
            missing_left: false,
            left: vec![Tally::default(); classes],
        }
    }

    /// Whether there is one.
    pub(super) fn is_found(&self) -> bool {
        self.score > f64::NEG_INFINITY
    }

    /// Where missing cells go that the node's rows have none of: to the greater side.
    pub(super) fn send_missing_to_the_more(&mut self, both: &[Tally]) {
        let left = sample::rows(&self.left);
        self.missing_left = left > sample::rows(both) - left;
    }
}

impl Cut {
    /// Values up to this go left. Rounded down from the midpoint: a cell is a 32-bit float too, and
    /// compares alike. `value` gives the value of a rank.
    pub(super) fn threshold(self, value: impl Fn(u32) -> f32) -> f32 {
        match self {
            Self::Missing => f32::INFINITY,
            Self::At(threshold) => threshold,
            Self::Between(low, high) => {
                let (low, high) = (value(low), value(high));
                let middle = f64::from(low) / 2.0 + f64::from(high) / 2.0;
                if middle.is_finite() { round_down(middle) } else { low }
            }
        }
    }
}

/// The greatest 32-bit float that is not above `value`.
pub(super) fn round_down(value: f64) -> f32 {
    let near = value as f32;
    if f64::from(near) > value { near.next_down() } else { near }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp)]

    use super::*;

    #[test]
    fn a_threshold_is_rounded_down() {
        let low = 1.0_f32;
        let high = low.next_up();
        assert_eq!(round_down(f64::from(low) / 2.0 + f64::from(high) / 2.0), low);
        assert_eq!(round_down(0.1), 0.1_f32.next_down());
        assert_eq!(round_down(0.5), 0.5);
        assert_eq!(round_down(1e300), f32::MAX);
    }
}
