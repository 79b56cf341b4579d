//! How well the probability of a class ranks its rows above the others'.

use super::Scored;

/// Rows of the class, and of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    pub positives: u64,
    pub negatives: u64,
}

/// The rows that share one probability of the class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    pub threshold: f64,
    pub rows: Counts,
}

/// One class against the rest: the rows ranked by its probability, most probable first.
///
/// Rows with equal probability share a place, so their order never matters.
#[derive(Debug, Clone, PartialEq)]
pub struct OneVsRest {
    steps: Vec<Step>,
    total: Counts,
}

impl OneVsRest {
    /// Ranks the rows for `class`; a label that names no class has no rows, hence no AUC.
    pub fn rank(scored: &Scored<'_>, class: u32) -> Self {
        let mut rows: Vec<(f64, bool)> = scored
            .iter()
            .filter_map(|(truth, row)| Some((*row.get(class as usize)?, truth == class)))
            .collect();
        rows.sort_unstable_by(|(a, _), (b, _)| b.total_cmp(a));

        let mut steps: Vec<Step> = Vec::new();
        let mut total = Counts::default();
        for (score, is_positive) in rows {
            // Compared by value rather than by bits: -0.0 and 0.0 tie.
            if steps.last().is_none_or(|step| score < step.threshold) {
                steps.push(Step { threshold: score, rows: Counts::default() });
            }
            if let Some(step) = steps.last_mut() {
                step.rows.count(is_positive);
            }
            total.count(is_positive);
        }
        Self { steps, total }
    }

    /// The steps, most probable first, or `None` where the class has no rows or all of them: no curve
    /// of such a class is defined.
    pub(super) fn steps(&self) -> Option<&[Step]> {
        (self.total.positives > 0 && self.total.negatives > 0).then_some(&self.steps)
    }

    /// All rows.
    pub(super) fn total(&self) -> Counts {
        self.total
    }

    /// At each step its threshold and the rows whose probability reaches it.
    pub(super) fn reached(&self) -> impl Iterator<Item = Step> {
        self.steps.iter().scan(Counts::default(), |sum, step| {
            sum.positives += step.rows.positives;
            sum.negatives += step.rows.negatives;
            Some(Step { threshold: step.threshold, rows: *sum })
        })
    }

    /// Area under the ROC curve by the trapezoid rule: the chance that a row of the class ranks
    /// above one that is not, ties counting half.
    ///
    /// `None` without a row of the class or without a row of another.
    pub fn roc_auc(&self) -> Option<f64> {
        if self.total.positives == 0 || self.total.negatives == 0 {
            return None;
        }
        // Counted in half pairs, in integers, so the result does not depend on summation order.
        let mut half_pairs = 0_u128;
        let mut above = 0_u64;
        for Step { rows, .. } in &self.steps {
            half_pairs += u128::from(rows.negatives) * u128::from(2 * above + rows.positives);
            above += rows.positives;
        }
        let pairs = self.total.positives as f64 * self.total.negatives as f64;
        Some(half_pairs as f64 / (2.0 * pairs))
    }

    /// Average precision: the area under the precision-recall curve as a step function, each gain
    /// in recall weighed by the precision at its threshold, without interpolation.
    ///
    /// `None` without a row of the class, where scikit-learn says 0.
    pub fn pr_auc(&self) -> Option<f64> {
        if self.total.positives == 0 {
            return None;
        }
        let mut area = 0.0;
        let (mut positives, mut kept) = (0_u64, 0_u64);
        for Step { rows, .. } in &self.steps {
            positives += rows.positives;
            kept += rows.all();
            area += rows.positives as f64 * (positives as f64 / kept as f64);
        }
        Some(area / self.total.positives as f64)
    }
}

impl Counts {
    /// Rows of all classes.
    pub(super) fn all(self) -> u64 {
        self.positives + self.negatives
    }

    fn count(&mut self, is_positive: bool) {
        if is_positive {
            self.positives += 1;
        } else {
            self.negatives += 1;
        }
    }
}

/// Plain mean of the values that exist; `None` when none does.
pub fn mean_over_defined(values: impl IntoIterator<Item = Option<f64>>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0_u64);
    for value in values.into_iter().flatten() {
        sum += value;
        count += 1;
    }
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]

    use super::*;

    /// Ranks class 1 of a two-class split by the given probabilities.
    fn rank(truth: &[u32], of_class_1: &[f64]) -> OneVsRest {
        let table: Vec<f64> = of_class_1.iter().flat_map(|p| [1.0 - p, *p]).collect();
        OneVsRest::rank(&Scored::new(truth, &table, 2).unwrap(), 1)
    }

    #[test]
    fn a_perfect_ranking_has_both_areas_at_one() {
        let ranked = rank(&[0, 0, 1, 1], &[0.1, 0.2, 0.6, 0.9]);
        assert_eq!((ranked.roc_auc(), ranked.pr_auc()), (Some(1.0), Some(1.0)));
    }

    #[test]
    fn an_inverted_ranking_has_no_roc_area() {
        assert_eq!(rank(&[1, 0], &[0.1, 0.9]).roc_auc(), Some(0.0));
    }

    #[test]
    fn equal_scores_count_half_and_leave_precision_at_the_share_of_positives() {
        let ranked = rank(&[1, 0, 0, 1, 0], &[0.5; 5]);
        assert_eq!((ranked.roc_auc(), ranked.pr_auc()), (Some(0.5), Some(0.4)));
    }

    #[test]
    fn a_partial_tie_is_worked_out_by_hand() {
        let ranked = rank(&[1, 1, 0, 0], &[0.9, 0.5, 0.5, 0.1]);
        assert_eq!(ranked.roc_auc(), Some(3.5 / 4.0));
        assert_eq!(ranked.pr_auc(), Some(0.5 * 1.0 + 0.5 * (2.0 / 3.0)));
    }

    #[test]
    fn negative_zero_ties_with_zero() {
        assert_eq!(rank(&[1, 0], &[-0.0, 0.0]).roc_auc(), Some(0.5));
        assert_eq!(rank(&[0, 1], &[-0.0, 0.0]).roc_auc(), Some(0.5));
    }

    #[test]
    fn a_class_without_positives_has_neither_area() {
        let ranked = rank(&[0, 0], &[0.2, 0.7]);
        assert_eq!((ranked.roc_auc(), ranked.pr_auc()), (None, None));
    }

    #[test]
    fn a_class_without_negatives_has_only_the_precision_recall_area() {
        let ranked = rank(&[1, 1], &[0.2, 0.7]);
        assert_eq!((ranked.roc_auc(), ranked.pr_auc()), (None, Some(1.0)));
    }

    #[test]
    fn a_label_that_names_no_class_has_neither_area() {
        let ranked = OneVsRest::rank(&Scored::new(&[0], &[1.0, 0.0], 2).unwrap(), 2);
        assert_eq!((ranked.roc_auc(), ranked.pr_auc()), (None, None));
    }

    #[test]
    fn the_mean_skips_what_is_missing() {
        assert_eq!(mean_over_defined([Some(0.5), None, Some(1.0)]), Some(0.75));
        assert_eq!(mean_over_defined([None, None]), None);
    }
}
