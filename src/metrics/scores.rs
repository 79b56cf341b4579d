//! Everything that can be read off a confusion matrix.
//!
//! Every ratio with a zero denominator is 0, as scikit-learn's `zero_division=0`.

use serde::{Deserialize, Serialize};

use super::Confusion;

/// Precision, recall, specificity and F1 of one class against the others, each in `0..=1`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ClassScores {
    /// Rows whose true class this is.
    pub support: u64,
    /// Share of the rows predicted as this class that are of it: TP / (TP + FP).
    pub precision: f64,
    /// Share of this class's rows that were found (sensitivity): TP / (TP + FN).
    pub recall: f64,
    /// Share of the other classes' rows left alone: TN / (TN + FP).
    pub specificity: f64,
    /// Harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN).
    pub f1: f64,
}

/// The per-class scores averaged over classes, each in `0..=1`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Averages {
    /// Mean precision.
    pub precision: f64,
    /// Mean recall.
    pub recall: f64,
    /// Mean specificity.
    pub specificity: f64,
    /// Mean F1.
    pub f1: f64,
}

impl Averages {
    /// Weighted mean; all 0 when the weights sum to 0.
    fn of(weighted: impl Iterator<Item = (f64, ClassScores)>) -> Self {
        let mut sum = Self::default();
        let mut weights = 0.0;
        for (weight, scores) in weighted {
            weights += weight;
            sum.precision += weight * scores.precision;
            sum.recall += weight * scores.recall;
            sum.specificity += weight * scores.specificity;
            sum.f1 += weight * scores.f1;
        }
        Self {
            precision: ratio(sum.precision, weights),
            recall: ratio(sum.recall, weights),
            specificity: ratio(sum.specificity, weights),
            f1: ratio(sum.f1, weights),
        }
    }
}

impl Confusion {
    /// Share of the rows predicted as what they are; 0 for an empty table.
    pub fn accuracy(&self) -> f64 {
        ratio(self.correct() as f64, self.total() as f64)
    }

    /// Scores of `class` against all others; all 0 for a label that names no class.
    pub fn class_scores(&self, class: u32) -> ClassScores {
        if class as usize >= self.classes() {
            return ClassScores::default();
        }
        let support = self.support(class);
        let predicted = self.predicted(class);
        let true_positives = self.count(class, class);
        let negatives = self.total() - support;
        let true_negatives = negatives - (predicted - true_positives);
        let hits = true_positives as f64;
        ClassScores {
            support,
            precision: ratio(hits, predicted as f64),
            recall: ratio(hits, support as f64),
            specificity: ratio(true_negatives as f64, negatives as f64),
            f1: ratio(2.0 * hits, support as f64 + predicted as f64),
        }
    }

    /// [`Confusion::class_scores`] of every class, in label order.
    pub fn per_class(&self) -> Vec<ClassScores> {
        self.labels().map(|class| self.class_scores(class)).collect()
    }

    /// Plain mean over the classes found in the truth or among the predictions.
    ///
    /// A class absent from both is left out, as scikit-learn does when no labels are passed: it
    /// was neither there to be found nor claimed.
    pub fn macro_average(&self) -> Averages {
        Averages::of(self.seen().map(|class| (1.0, self.class_scores(class))))
    }

    /// Mean over the classes, each weighing as many rows as it has in the truth.
    pub fn weighted_average(&self) -> Averages {
        let weigh = |scores: ClassScores| (scores.support as f64, scores);
        Averages::of(self.labels().map(|class| weigh(self.class_scores(class))))
    }

    /// F1 of [`Confusion::macro_average`].
    pub fn macro_f1(&self) -> f64 {
        self.macro_average().f1
    }

    /// Recall of [`Confusion::macro_average`].
    ///
    /// A class predicted but absent from the truth counts here with recall 0, which
    /// [`Confusion::balanced_accuracy`] leaves out.
    pub fn macro_recall(&self) -> f64 {
        self.macro_average().recall
    }

    /// Mean recall over the classes found in the truth; 0 for an empty table.
    pub fn balanced_accuracy(&self) -> f64 {
        let found = self.labels().filter(|&class| self.support(class) > 0);
        Averages::of(found.map(|class| (1.0, self.class_scores(class)))).recall
    }

    /// Matthews correlation coefficient in `-1..=1`, the multi-class `R_K` statistic.
    ///
    /// 0 where it is undefined: one class only in the truth, or one only among the predictions.
    /// The covariances are taken in integers, so no row count makes a constant predictor look
    /// correlated. Source: Gorodkin, "Comparing two K-category assignments by a K-category
    /// correlation coefficient", Computational Biology and Chemistry 28 (2004).
    pub fn mcc(&self) -> f64 {
        let square = |count: u64| u128::from(count) * u128::from(count);
        let (mut chance, mut of_truth, mut of_predicted) = (0_u128, 0_u128, 0_u128);
        for class in self.labels() {
            let (support, predicted) = (self.support(class), self.predicted(class));
            chance += u128::from(support) * u128::from(predicted);
            of_truth += square(support);
            of_predicted += square(predicted);
        }
        let rows = square(self.total());
        let agreement = u128::from(self.correct()) * u128::from(self.total());
        let covariance = if agreement >= chance {
            (agreement - chance) as f64
        } else {
            -((chance - agreement) as f64)
        };
        let variances = (rows - of_truth) as f64 * (rows - of_predicted) as f64;
        ratio(covariance, variances.sqrt())
    }

    /// Labels found in the truth or among the predictions.
    fn seen(&self) -> impl Iterator<Item = u32> {
        self.labels().filter(|&class| self.support(class) > 0 || self.predicted(class) > 0)
    }
}

/// `numerator / denominator`, 0 where the denominator is 0.
fn ratio(numerator: f64, denominator: f64) -> f64 {
    if denominator > 0.0 { numerator / denominator } else { 0.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]

    use super::*;

    fn table(classes: usize, counts: &[u64]) -> Confusion {
        Confusion::from_counts(classes, counts.to_vec()).unwrap()
    }

    #[test]
    fn a_class_is_scored_against_all_others() {
        let scores = table(3, &[4, 1, 0, 2, 3, 0, 0, 0, 10]).class_scores(0);
        assert_eq!(scores.support, 5);
        assert_eq!(scores.precision, 4.0 / 6.0);
        assert_eq!(scores.recall, 4.0 / 5.0);
        assert_eq!(scores.specificity, 13.0 / 15.0);
        assert_eq!(scores.f1, 8.0 / 11.0);
    }

    #[test]
    fn macro_f1_leaves_out_a_class_absent_from_both_sides() {
        let with_a_gap = table(3, &[2, 0, 0, 0, 0, 0, 1, 0, 3]);
        assert_eq!(with_a_gap.macro_average(), table(2, &[2, 0, 1, 3]).macro_average());
    }

    #[test]
    fn balanced_accuracy_leaves_out_a_class_absent_from_the_truth_and_macro_recall_does_not() {
        let confusion = table(2, &[1, 1, 0, 0]);
        assert_eq!(confusion.balanced_accuracy(), 0.5);
        assert_eq!(confusion.macro_recall(), 0.25);
    }

    #[test]
    fn weighted_recall_is_accuracy() {
        let confusion = table(3, &[4, 1, 0, 2, 3, 0, 0, 0, 10]);
        assert_eq!(confusion.weighted_average().recall, confusion.accuracy());
    }

    #[test]
    fn mcc_is_one_when_perfect_minus_one_when_inverted_and_zero_when_constant() {
        assert_eq!(table(3, &[3, 0, 0, 0, 5, 0, 0, 0, 7]).mcc(), 1.0);
        assert_eq!(table(2, &[0, 4, 4, 0]).mcc(), -1.0);
        assert_eq!(table(2, &[5, 0, 3, 0]).mcc(), 0.0);
    }

    #[test]
    fn mcc_of_independent_predictions_is_exactly_zero_even_for_huge_counts() {
        let huge = 3_000_000_019;
        assert_eq!(table(2, &[huge, 7 * huge, huge, 7 * huge]).mcc(), 0.0);
        assert_eq!(table(2, &[u64::MAX, 0, 0, 0]).mcc(), 0.0);
    }

    #[test]
    fn an_empty_table_scores_zero_everywhere() {
        let empty = Confusion::new(3).unwrap();
        assert_eq!(empty.accuracy(), 0.0);
        assert_eq!(empty.balanced_accuracy(), 0.0);
        assert_eq!(empty.mcc(), 0.0);
        assert_eq!(empty.macro_average(), Averages::default());
        assert_eq!(empty.weighted_average(), Averages::default());
        assert_eq!(empty.class_scores(9), ClassScores::default());
    }
}
