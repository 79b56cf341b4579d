//! How mixed the classes of a node are, and what a split is worth.

use super::logarithm::ln;
use super::sample::{self, Tally};
use super::settings::Criterion;

/// What the splits of a tree are judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) criterion: Criterion,
    /// `[classes]`.
    pub(super) class_weights: &'a [f64],
    /// x ln x of the whole numbers from 0 on, as far as there are any.
    pub(super) logarithms: &'a [f64],
    /// Rows that either side of a split keeps.
    pub(super) min_rows: usize,
    /// Weight that either side of a split keeps.
    pub(super) min_weight: f64,
}

impl Judge<'_> {
    /// Whether a split may leave one row on a side, however little it weighs.
    #[inline]
    pub(super) fn is_free(&self) -> bool {
        self.min_rows <= 1 && self.min_weight <= 0.0
    }

    /// The weight of rows, `[classes]`.
    pub(super) fn weight(&self, tallies: &[Tally]) -> f64 {
        self.weights(tallies).sum()
    }

    /// The share that each class has of the weight of rows, `[classes]`; equal ones without a row.
    pub(super) fn shares(&self, tallies: &[Tally]) -> impl Iterator<Item = f64> {
        let weight = self.weight(tallies);
        let equal = 1.0 / tallies.len() as f64;
        self.weights(tallies).map(move |one| if weight > 0.0 { one / weight } else { equal })
    }

    /// The impurity of rows, `[classes]`; 0 where all are of one class.
    pub(super) fn impurity(&self, tallies: &[Tally]) -> f64 {
        let present = tallies.iter().filter(|tally| !tally.is_empty()).count();
        if present < 2 {
            return 0.0;
        }
        let shares = self.shares(tallies).filter(|share| *share > 0.0);
        match self.criterion {
            Criterion::Gini => 1.0 - shares.map(|share| share * share).sum::<f64>(),
            Criterion::Entropy | Criterion::LogLoss => {
                -shares.map(|share| share * ln(share)).sum::<f64>()
            }
        }
    }

    /// A number that is the greater the purer both sides of a split are, by the tallies of the left
    /// side and of both, `[classes]`. `None` if a side is too small.
    #[inline]
    pub(super) fn score(&self, left: &[Tally], both: &[Tally]) -> Option<f64> {
        if self.leaves_rows(left, both) { self.score_sides(&self.sides(left, both)) } else { None }
    }

    /// Whether both sides keep as many rows as they have to.
    #[inline]
    pub(super) fn leaves_rows(&self, left: &[Tally], both: &[Tally]) -> bool {
        if self.min_rows <= 1 {
            return true;
        }
        let (left, both) = (sample::rows(left), sample::rows(both));
        left >= self.min_rows && both - left >= self.min_rows
    }

    /// Whether [`Judge::shift`] is exact in a node: all its sums are whole numbers that a float holds.
    pub(super) fn shifts(&self, both: &[Tally]) -> bool {
        self.criterion == Criterion::Gini
            && is_whole(self.class_weights)
            && self.weight(both) <= MOST_SHIFTED
    }

    /// Both sides, by the tallies of the left side and of both, `[classes]`.
    #[inline]
    pub(super) fn sides(&self, left: &[Tally], both: &[Tally]) -> Sides {
        let mut sides = Sides::default();
        for ((&left, &both), weight) in left.iter().zip(both).zip(self.class_weights) {
            self.weigh(&mut sides.left, left.weight() * weight);
            self.weigh(&mut sides.right, (both - left).weight() * weight);
        }
        sides
    }

    /// Moves rows of a class to the left side, where the class had `left` of `both` before.
    #[inline]
    pub(super) fn shift(sides: &mut Sides, (left, both): (Tally, Tally), moved: Tally) {
        let (there, rest, moved) = (left.weight(), (both - left).weight(), moved.weight());
        sides.left.weight += moved;
        sides.right.weight -= moved;
        sides.left.sum += moved * (there + there + moved);
        sides.right.sum -= moved * (rest + rest - moved);
    }

    /// As [`Judge::score`], whatever the number of rows.
    #[inline]
    pub(super) fn score_sides(&self, sides: &Sides) -> Option<f64> {
        let Sides { left, right } = sides;
        if left.weight < self.min_weight || right.weight < self.min_weight {
            return None;
        }
        Some(self.purity(left) + self.purity(right))
    }

    /// Adds the weight of a class to a side.
    #[inline]
    fn weigh(&self, side: &mut Side, weight: f64) {
        side.weight += weight;
        side.sum += match self.criterion {
            Criterion::Gini => weight * weight,
            Criterion::Entropy | Criterion::LogLoss => self.weighed_ln(weight),
        };
    }

    /// The weight less the weighted impurity, up to what depends on both sides alone.
    #[inline]
    fn purity(&self, side: &Side) -> f64 {
        match self.criterion {
            Criterion::Gini => side.sum / side.weight,
            Criterion::Entropy | Criterion::LogLoss => side.sum - self.weighed_ln(side.weight),
        }
    }

    /// x ln x.
    #[inline]
    fn weighed_ln(&self, x: f64) -> f64 {
        self.logarithms.get(x as usize).copied().unwrap_or_else(|| weighed_ln(x))
    }

    fn weights(&self, tallies: &[Tally]) -> impl Iterator<Item = f64> {
        tallies.iter().zip(self.class_weights).map(|(tally, weight)| tally.weight() * weight)
    }
}

/// Both sides of a split.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sides {
    left: Side,
    right: Side,
}

/// The greatest weight whose square, and so every sum of squares in a node, is a whole number that a float holds.
const MOST_SHIFTED: f64 = 94_906_265.0;

/// One side of a split: its weight, and a sum over its classes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Side {
    weight: f64,
    sum: f64,
}

/// x ln x of the whole numbers from 0 on that rows can weigh: a table of them, of at most 65,537,
/// where the criterion asks for it and no class weight makes other numbers of them.
pub(super) fn tabulate(criterion: Criterion, class_weights: &[f64], rows: usize) -> Vec<f64> {
    if criterion == Criterion::Gini || !is_whole(class_weights) {
        return Vec::new();
    }
    (0..=rows.min(1 << 16)).map(|number| weighed_ln(number as f64)).collect()
}

/// Whether no class weight makes other numbers of what rows weigh.
fn is_whole(class_weights: &[f64]) -> bool {
    class_weights.iter().all(|weight| weight.to_bits() == 1.0_f64.to_bits())
}

/// x ln x.
fn weighed_ln(x: f64) -> f64 {
    if x > 0.0 { x * ln(x) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp)]

    use super::*;
    use crate::trees::sample::Sample;

    fn tallies(rows: [u16; 3]) -> Vec<Tally> {
        let one = |weight| Sample { row: 0, class: 0, weight }.tally();
        rows.map(|rows| if rows == 0 { Tally::default() } else { one(rows) }).to_vec()
    }

    fn judge(criterion: Criterion) -> Judge<'static> {
        Judge {
            criterion,
            class_weights: &[1.0, 2.0, 0.5],
            logarithms: &[],
            min_rows: 1,
            min_weight: 0.0,
        }
    }

    #[test]
    fn impurities_are_those_of_the_weighted_shares() {
        let mixed = tallies([4, 1, 4]); // weights 4, 2, 2
        assert_eq!(judge(Criterion::Gini).impurity(&mixed), 1.0 - 0.25 - 2.0 * 0.0625);
        let entropy = 0.5 * 2_f64.ln() + 0.5 * 4_f64.ln();
        assert!((judge(Criterion::Entropy).impurity(&mixed) - entropy).abs() < 1e-15);
        assert_eq!(judge(Criterion::Entropy).impurity(&tallies([0, 7, 0])), 0.0);
    }

    #[test]
    fn sums_that_are_kept_up_are_those_that_are_counted_anew() {
        let plain = Judge { class_weights: &[1.0; 3], ..judge(Criterion::Gini) };
        let both = tallies([10, 7, 5]);
        assert!(plain.shifts(&both));
        assert!(!judge(Criterion::Gini).shifts(&both));
        assert!(!Judge { criterion: Criterion::Entropy, ..plain }.shifts(&both));
        assert!(!plain.shifts(&[Tally::of_rows(94_906_266)]));
        let mut left = tallies([1, 0, 2]);
        let mut sides = plain.sides(&left, &both);
        for (class, moved) in [(0, 3), (2, 3), (1, 7), (0, 6)] {
            let moved = tallies([moved, 0, 0])[0];
            Judge::shift(&mut sides, (left[class], both[class]), moved);
            left[class] += moved;
            assert_eq!(sides, plain.sides(&left, &both));
        }
    }

    #[test]
    fn a_better_score_is_a_lower_weighted_impurity() {
        let both = tallies([10, 7, 5]);
        for criterion in [Criterion::Gini, Criterion::Entropy] {
            let judge = judge(criterion);
            let mut found: Vec<(f64, f64)> = Vec::new();
            for left in [[1, 0, 0], [9, 1, 4], [3, 7, 0], [10, 7, 4], [5, 3, 2]] {
                let left = tallies(left);
                let right: Vec<Tally> = both.iter().zip(&left).map(|(a, b)| *a - *b).collect();
                let sum = judge.weight(&left) * judge.impurity(&left)
                    + judge.weight(&right) * judge.impurity(&right);
                found.push((judge.score(&left, &both).unwrap(), sum));
            }
            let offset = found[0].0 + found[0].1;
            let off = found.iter().map(|(score, sum)| (score + sum - offset).abs());
            assert!(off.fold(0.0, f64::max) < 1e-12, "{found:?}");
        }
    }

    #[test]
    fn a_table_of_logarithms_changes_no_score() {
        let table = tabulate(Criterion::Entropy, &[1.0; 3], 9);
        assert_eq!(table.len(), 10);
        assert!(tabulate(Criterion::Gini, &[1.0; 3], 9).is_empty());
        assert!(tabulate(Criterion::Entropy, &[1.0, 2.0], 9).is_empty());
        let plain = Judge { class_weights: &[1.0; 3], ..judge(Criterion::Entropy) };
        let quick = Judge { logarithms: &table, ..plain };
        let both = tallies([10, 7, 5]);
        for left in [[1, 0, 0], [9, 1, 4], [10, 7, 4]].map(tallies) {
            assert_eq!(quick.score(&left, &both), plain.score(&left, &both));
        }
    }

    #[test]
    fn a_side_below_the_least_weight_has_no_score() {
        let (left, both) = (tallies([1, 0, 0]), tallies([2, 2, 2]));
        let heavy = |min_weight| Judge { min_weight, ..judge(Criterion::Gini) };
        assert!(heavy(1.0).score(&left, &both).is_some());
        assert!(heavy(1.5).score(&left, &both).is_none());
    }
}
