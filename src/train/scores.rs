//! The scores of trials.csv, and which of two is better.

use crate::engine::Evaluation;
use crate::metrics::{Judged, Rate, Score};

/// Scores on one part of the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PartScores {
    /// Mean cross-entropy.
    pub loss: f64,
    /// Share of rows predicted correctly.
    pub accuracy: f64,
    /// Mean of the classes' F1 scores.
    pub macro_f1: f64,
    /// Mean of the classes' recalls.
    pub macro_recall: f64,
    /// Matthews correlation coefficient.
    pub mcc: f64,
    /// The ranking score, if it is none of the others and the rows define it.
    pub ranked: Option<f64>,
}

impl PartScores {
    /// The names of the columns that every table has, in the order of [`PartScores::values`], where the
    /// score that ranks is the last.
    pub const NAMES: [&'static str; 5] = ["loss", "accuracy", "macro_f1", "macro_recall", "mcc"];

    /// Takes the scores from an evaluation, with the ranking score; of no rows, all are NaN.
    pub fn of(evaluation: &Evaluation, rank_by: Score) -> Self {
        let Evaluation { loss, confusion, probabilities } = evaluation;
        if confusion.total() == 0 {
            return Self::from_values([f64::NAN; 6]);
        }
        let judged = Judged { loss: *loss, confusion, probabilities: probabilities.as_ref() };
        let ranked = if is_named(rank_by) { None } else { rank_by.of(&judged) };
        Self {
            loss: *loss,
            accuracy: confusion.accuracy(),
            macro_f1: confusion.macro_f1(),
            macro_recall: confusion.macro_recall(),
            mcc: confusion.mcc(),
            ranked,
        }
    }

    /// The scores in the order of [`PartScores::NAMES`], and the one that ranks, which is not a number where
    /// there is none.
    pub fn values(&self) -> [f64; 6] {
        let ranked = self.ranked.unwrap_or(f64::NAN);
        [self.loss, self.accuracy, self.macro_f1, self.macro_recall, self.mcc, ranked]
    }

    /// The scores from their values in the order of [`PartScores::values`].
    pub fn from_values(values: [f64; 6]) -> Self {
        let [loss, accuracy, macro_f1, macro_recall, mcc, ranked] = values;
        let ranked = Some(ranked).filter(|score| !score.is_nan());
        Self { loss, accuracy, macro_f1, macro_recall, mcc, ranked }
    }

    /// The means of several; zeros of none.
    pub fn mean(all: &[Self]) -> Self {
        Self::over(all, mean)
    }

    /// The standard deviations of several, of the population: those of scikit-learn's `cv_results_`.
    pub fn deviation(all: &[Self]) -> Self {
        Self::over(all, |values| {
            let center = mean(values);
            let squares: Vec<f64> = values.iter().map(|value| (value - center).powi(2)).collect();
            mean(&squares).sqrt()
        })
    }

    /// A statistic of each score over several.
    fn over(all: &[Self], figure: impl Fn(&[f64]) -> f64) -> Self {
        let values: Vec<_> = all.iter().map(Self::values).collect();
        Self::from_values(std::array::from_fn(|score| {
            figure(&values.iter().map(|values| values[score]).collect::<Vec<f64>>())
        }))
    }

    /// Whether these validation scores rank strictly above `other`: by the ranking score, and
    /// where that is equal (macro F1 moves in steps) by the lower loss.
    pub fn beats(&self, other: &Self, rank_by: Score) -> bool {
        let (ours, theirs) = (self.rising(rank_by), other.rising(rank_by));
        ours > theirs || (ours >= theirs && self.loss < other.loss)
    }

    /// The ranking score, with the sign that makes a higher one better; the lowest of all where the
    /// rows do not define it.
    pub(super) fn rising(&self, rank_by: Score) -> f64 {
        let sign = if rank_by.falls() { -1.0 } else { 1.0 };
        let score = sign * self.score(rank_by);
        if score.is_nan() { f64::NEG_INFINITY } else { score }
    }

    /// The ranking score.
    pub fn score(&self, rank_by: Score) -> f64 {
        match rank_by {
            Score::Loss => self.loss,
            Score::Accuracy => self.accuracy,
            Score::Macro(Rate::F1) => self.macro_f1,
            Score::Macro(Rate::Recall) => self.macro_recall,
            Score::Mcc => self.mcc,
            _ => self.ranked.unwrap_or(f64::NAN),
        }
    }
}

/// Whether a score is one of [`PartScores::NAMES`].
fn is_named(score: Score) -> bool {
    matches!(
        score,
        Score::Loss | Score::Accuracy | Score::Macro(Rate::F1 | Rate::Recall) | Score::Mcc
    )
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]

    use super::*;

    #[test]
    fn a_deviation_is_that_of_the_population() {
        let all =
            [1.0, 3.0].map(|loss| PartScores { loss, accuracy: 0.5, ..PartScores::default() });
        let deviation = PartScores::deviation(&all);
        assert_eq!(
            (PartScores::mean(&all).loss, deviation.loss, deviation.accuracy),
            (2.0, 1.0, 0.0)
        );
    }

    #[test]
    fn equal_scores_are_told_apart_by_the_loss() {
        let low = PartScores { loss: 0.1, macro_f1: 0.5, ..PartScores::default() };
        let high = PartScores { loss: 0.2, ..low };
        assert!(low.beats(&high, Score::Macro(Rate::F1)));
        assert!(!high.beats(&low, Score::Macro(Rate::F1)));
        assert!(!low.beats(&low, Score::Macro(Rate::F1)));
    }

    #[test]
    fn a_lower_loss_ranks_higher() {
        let low = PartScores { loss: 0.1, ..PartScores::default() };
        let high = PartScores { loss: 0.2, ..PartScores::default() };
        assert!(low.beats(&high, Score::Loss));
    }
}
