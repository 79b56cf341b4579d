//! Every score of a split, as one record for a report.

use serde::{Deserialize, Serialize};

use super::{Averages, ClassScores, Confusion, MetricsError, OneVsRest, Scored};
use super::{log_loss, mean_over_defined};

/// All scores of one split. Fractions lie in `0..=1` except `mcc` (`-1..=1`) and `log_loss` (nats).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitMetrics {
    /// Number of rows scored.
    pub rows: usize,
    /// Mean negative log-likelihood in nats, clipped as scikit-learn clips it, see [`log_loss`].
    pub log_loss: f64,
    /// Share of rows predicted as what they are.
    pub accuracy: f64,
    /// Mean recall over the classes found in the truth.
    pub balanced_accuracy: f64,
    /// Matthews correlation coefficient, see [`Confusion::mcc`].
    pub mcc: f64,
    /// Plain mean over the classes found on either side, see [`Confusion::macro_average`].
    #[serde(rename = "macro")]
    pub macro_average: Averages,
    /// Mean weighted by support, see [`Confusion::weighted_average`].
    #[serde(rename = "weighted")]
    pub weighted_average: Averages,
    /// Mean one-vs-rest ROC AUC over the classes that have one.
    pub roc_auc_ovr: Option<f64>,
    /// Mean one-vs-rest average precision over the classes that have one.
    pub pr_auc_ovr: Option<f64>,
    /// Scores of every class, in label order.
    pub per_class: Vec<ClassMetrics>,
    /// Counts, `[true class][predicted class]`.
    pub confusion: Vec<Vec<u64>>,
}

/// The scores of one class against all others, each fraction in `0..=1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassMetrics {
    /// Name of the class.
    pub class: String,
    /// Rows whose true class this is.
    pub support: u64,
    /// See [`ClassScores::precision`].
    pub precision: f64,
    /// See [`ClassScores::recall`].
    pub recall: f64,
    /// See [`ClassScores::specificity`].
    pub specificity: f64,
    /// See [`ClassScores::f1`].
    pub f1: f64,
    /// See [`OneVsRest::roc_auc`].
    pub roc_auc: Option<f64>,
    /// See [`OneVsRest::pr_auc`].
    pub pr_auc: Option<f64>,
}

impl SplitMetrics {
    /// Scores a split; `class_names` holds one name per class, in label order.
    ///
    /// # Errors
    ///
    /// [`MetricsError::ClassNames`] unless there is one name per class.
    pub fn compute(scored: &Scored<'_>, class_names: &[String]) -> Result<Self, MetricsError> {
        let (classes, names) = (scored.classes(), class_names.len());
        if names != classes {
            return Err(MetricsError::ClassNames { classes, names });
        }
        let confusion = scored.confusion()?;
        let per_class = class_metrics(scored, &confusion, class_names);
        Ok(Self {
            rows: scored.rows(),
            log_loss: log_loss(scored),
            accuracy: confusion.accuracy(),
            balanced_accuracy: confusion.balanced_accuracy(),
            mcc: confusion.mcc(),
            macro_average: confusion.macro_average(),
            weighted_average: confusion.weighted_average(),
            roc_auc_ovr: mean_over_defined(per_class.iter().map(|class| class.roc_auc)),
            pr_auc_ovr: mean_over_defined(per_class.iter().map(|class| class.pr_auc)),
            per_class,
            confusion: confusion.rows(),
        })
    }
}

fn class_metrics(
    scored: &Scored<'_>,
    confusion: &Confusion,
    class_names: &[String],
) -> Vec<ClassMetrics> {
    confusion
        .labels()
        .zip(class_names)
        .map(|(label, name)| {
            let ranked = OneVsRest::rank(scored, label);
            let ClassScores { support, precision, recall, specificity, f1 } =
                confusion.class_scores(label);
            ClassMetrics {
                class: name.clone(),
                support,
                precision,
                recall,
                specificity,
                f1,
                roc_auc: ranked.roc_auc(),
                pr_auc: ranked.pr_auc(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]

    use super::*;

    fn computed() -> SplitMetrics {
        let scored = Scored::new(&[0, 0], &[0.5, 0.5, 0.25, 0.75], 2).unwrap();
        SplitMetrics::compute(&scored, &["ok".to_owned(), "failed".to_owned()]).unwrap()
    }

    #[test]
    fn the_record_has_exactly_the_agreed_json_shape() {
        let mut metrics = computed();
        metrics.log_loss = 1.5;
        let expected = concat!(
            r#"{"rows":2,"log_loss":1.5,"accuracy":0.5,"balanced_accuracy":0.5,"mcc":0.0,"#,
            r#""macro":{"precision":0.5,"recall":0.25,"specificity":0.25,"f1":0.3333333333333333},"#,
            r#""weighted":{"precision":1.0,"recall":0.5,"specificity":0.0,"f1":0.6666666666666666},"#,
            r#""roc_auc_ovr":null,"pr_auc_ovr":1.0,"per_class":["#,
            r#"{"class":"ok","support":2,"precision":1.0,"recall":0.5,"specificity":0.0,"#,
            r#""f1":0.6666666666666666,"roc_auc":null,"pr_auc":1.0},"#,
            r#"{"class":"failed","support":0,"precision":0.0,"recall":0.0,"specificity":0.5,"#,
            r#""f1":0.0,"roc_auc":null,"pr_auc":null}],"#,
            r#""confusion":[[1,1],[0,0]]}"#,
        );
        assert_eq!(serde_json::to_string(&metrics).unwrap(), expected);
    }

    #[test]
    fn the_record_reads_back_what_it_wrote() {
        let mut metrics = computed();
        metrics.log_loss = 1.5;
        let text = serde_json::to_string(&metrics).unwrap();
        assert_eq!(serde_json::from_str::<SplitMetrics>(&text).unwrap(), metrics);
    }

    #[test]
    fn a_missing_class_name_is_refused() {
        let scored = Scored::new(&[0], &[0.5, 0.5], 2).unwrap();
        let refused = SplitMetrics::compute(&scored, &["ok".to_owned()]);
        assert_eq!(refused, Err(MetricsError::ClassNames { classes: 2, names: 1 }));
    }
}
