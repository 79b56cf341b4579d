//! One threshold drawn at random, as extremely randomised trees have it.

use chacha20::ChaCha8Rng;
use rand::Rng;

use super::super::plain::{Plain, goes_left};
use super::super::sample::{self, Tally};
use super::super::split::{Cut, Split, round_down};
use super::{Node, Search};
use crate::random::below;

impl Search<'_> {
    /// Puts a random split at a column into `best` if it is better than what is there. Whether the
    /// column is constant in the node, and there is none.
    pub(in super::super) fn try_one(
        &mut self,
        node: Node,
        (number, column): (u32, &Plain),
        generator: &mut ChaCha8Rng,
        best: &mut Split,
    ) -> bool {
        let span = column.gather(node.samples, &mut self.cells);
        if span.is_constant() {
            return true;
        }
        let threshold = draw(span.low, span.high, generator);
        let missing_left = span.missing > 0 && below(2, generator) == 1;
        for (class, from, samples) in node.segments() {
            let cells = &self.cells[from..from + samples.len()];
            self.left[class] = if node.tallies[class].is_unit() {
                Tally::of_rows(count(cells, threshold, missing_left))
            } else {
                let goes = |cell| goes_left(cell, threshold, missing_left);
                let pairs = samples.iter().zip(cells);
                pairs.fold(Tally::default(), |sum, (at, &cell)| sum + at.tally().when(goes(cell)))
            };
        }
        let rows = sample::rows(&self.left);
        if rows == 0 || rows == node.samples.len() {
            return false;
        }
        let before = best.score;
        if let Some(score) = self.judge.score(&self.left, node.tallies) {
            self.offer(score, Cut::At(threshold), missing_left, best);
        }
        if best.score > before {
            best.column = number;
            if span.missing == 0 {
                best.send_missing_to_the_more(node.tallies);
            }
        }
        false
    }
}

/// How many cells go left.
fn count(cells: &[f32], threshold: f32, missing_left: bool) -> u32 {
    let left: u32 = cells.iter().map(|&cell| u32::from(cell <= threshold)).sum();
    if missing_left {
        left + cells.iter().map(|cell| u32::from(cell.is_nan())).sum::<u32>()
    } else {
        left
    }
}

/// A threshold from `low` on and below `high`, or `low` where they are equal.
fn draw(low: f32, high: f32, generator: &mut ChaCha8Rng) -> f32 {
    // Between infinite values, as between the greatest finite ones.
    let (from, to) = (f64::from(low.max(f32::MIN)), f64::from(high.min(f32::MAX)));
    let share = (generator.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0;
    let threshold = round_down(from + (to - from) * share);
    if threshold < high { threshold } else { low }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp)]

    use super::*;
    use crate::random::{Purpose, Streams};

    #[test]
    fn a_threshold_parts_the_least_from_the_greatest_value() {
        let mut generator = Streams::new(1, 2, 3).generator(Purpose::Tree, 0);
        let (least, most) = (f32::NEG_INFINITY, f32::INFINITY);
        for (low, high) in
            [(0.0, 1.0), (1.0, 1.0_f32.next_up()), (least, 0.0), (0.0, most), (least, most)]
        {
            for _ in 0..100 {
                let threshold = draw(low, high, &mut generator);
                assert!(low <= threshold && threshold < high, "{low} {threshold} {high}");
            }
        }
        assert_eq!(draw(least, f32::MIN, &mut generator), least);
        assert_eq!(draw(3.0, 3.0, &mut generator), 3.0);
    }
}
