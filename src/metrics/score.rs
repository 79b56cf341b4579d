//! A score that ranks, once the classes are known.

use serde::Serialize;

use super::{Confusion, OneVsRest, Scored, log_loss, log_softmax, mean_over_defined};
use crate::spec::{Costs, RankBy};

/// A score of labelled rows, by the places of its classes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Score {
    /// Mean cross-entropy; lower is better.
    Loss,
    /// See [`log_loss`]; lower is better.
    LogLoss,
    /// See [`Confusion::accuracy`].
    Accuracy,
    /// See [`Confusion::balanced_accuracy`].
    BalancedAccuracy,
    /// See [`Confusion::mcc`].
    Mcc,
    /// A mean over the classes.
    Macro(Rate),
    /// A mean over the classes, each weighing as many rows as it has.
    Weighted(Rate),
    /// Of one class against the rest.
    OfClass(Rate, u32),
    /// Mean area under a curve over the classes that have one.
    MeanArea(Area),
    /// Area under a curve of one class.
    AreaOfClass(Area, u32),
    /// Mean cost of a row; lower is better.
    Cost {
        /// The class of the rows where nothing is wrong.
        normal: u32,
        /// What a row of another class costs that is predicted as normal.
        miss: f64,
        /// What a normal row costs that is not predicted as such.
        false_alarm: f64,
    },
}

/// What is read off a confusion matrix of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// See [`super::ClassScores::precision`].
    Precision,
    /// See [`super::ClassScores::recall`].
    Recall,
    /// See [`super::ClassScores::specificity`].
    Specificity,
    /// See [`super::ClassScores::f1`].
    F1,
}

/// An area under a curve of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// See [`OneVsRest::roc_auc`].
    Roc,
    /// See [`OneVsRest::pr_auc`].
    PrecisionRecall,
}

/// What a score is read off: labelled rows and what a model predicts of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged<'a> {
    /// Mean cross-entropy.
    pub loss: f64,
    /// Counts of true and predicted classes.
    pub confusion: &'a Confusion,
    /// What the probabilities tell, where they were asked for.
    pub probabilities: Option<&'a ProbabilityScores>,
}

/// What only the probabilities of the rows tell. What a part of the rows cannot tell, for it lacks the
/// class or has no other, is `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProbabilityScores {
    /// See [`log_loss`].
    pub log_loss: f64,
    /// See [`OneVsRest::roc_auc`], by class.
    pub roc_auc: Vec<Option<f64>>,
    /// See [`OneVsRest::pr_auc`], by class.
    pub pr_auc: Vec<Option<f64>>,
}

impl ProbabilityScores {
    /// Reads them off the rows.
    pub fn of(scored: &Scored<'_>) -> Self {
        let labels = 0..scored.classes() as u32;
        let ranked: Vec<OneVsRest> = labels.map(|class| OneVsRest::rank(scored, class)).collect();
        Self {
            log_loss: log_loss(scored),
            roc_auc: ranked.iter().map(OneVsRest::roc_auc).collect(),
            pr_auc: ranked.iter().map(OneVsRest::pr_auc).collect(),
        }
    }

    /// Reads them off logits `[rows, classes]`; `None` without rows, or where logits are not numbers.
    pub fn of_logits(labels: &[u32], mut logits: Vec<f64>, classes: usize) -> Option<Self> {
        for row in logits.chunks_exact_mut(classes.max(1)) {
            log_softmax(row);
            for log in row.iter_mut() {
                *log = log.exp();
            }
        }
        Scored::new(labels, &logits, classes).ok().map(|scored| Self::of(&scored))
    }
}

impl Score {
    /// The score that the grid file names; `None` where it names a class that is not among `classes`.
    pub fn resolve(rank_by: &RankBy, classes: &[String]) -> Option<Self> {
        let place =
            |name: &str| classes.iter().position(|class| class == name).map(|place| place as u32);
        let of_class = |rate: Rate, class: &str| Some(Self::OfClass(rate, place(class)?));
        Some(match rank_by {
            RankBy::ValidLoss => Self::Loss,
            RankBy::ValidLogLoss => Self::LogLoss,
            RankBy::ValidAccuracy => Self::Accuracy,
            RankBy::ValidBalancedAccuracy => Self::BalancedAccuracy,
            RankBy::ValidMcc => Self::Mcc,
            RankBy::ValidMacroPrecision => Self::Macro(Rate::Precision),
            RankBy::ValidMacroRecall => Self::Macro(Rate::Recall),
            RankBy::ValidMacroSpecificity => Self::Macro(Rate::Specificity),
            RankBy::ValidMacroF1 => Self::Macro(Rate::F1),
            RankBy::ValidWeightedPrecision => Self::Weighted(Rate::Precision),
            RankBy::ValidWeightedRecall => Self::Weighted(Rate::Recall),
            RankBy::ValidWeightedSpecificity => Self::Weighted(Rate::Specificity),
            RankBy::ValidWeightedF1 => Self::Weighted(Rate::F1),
            RankBy::ValidRocAucOvr => Self::MeanArea(Area::Roc),
            RankBy::ValidPrAucOvr => Self::MeanArea(Area::PrecisionRecall),
            RankBy::ValidPrecision(class) => of_class(Rate::Precision, class)?,
            RankBy::ValidRecall(class) => of_class(Rate::Recall, class)?,
            RankBy::ValidSpecificity(class) => of_class(Rate::Specificity, class)?,
            RankBy::ValidF1(class) => of_class(Rate::F1, class)?,
            RankBy::ValidRocAuc(class) => Self::AreaOfClass(Area::Roc, place(class)?),
            RankBy::ValidPrAuc(class) => Self::AreaOfClass(Area::PrecisionRecall, place(class)?),
            RankBy::ValidCost(Costs { normal, miss, false_alarm }) => Self::Cost {
                normal: place(normal)?,
                miss: miss.get(),
                false_alarm: false_alarm.get(),
            },
        })
    }

    /// Whether a lower score is better.
    pub fn falls(self) -> bool {
        matches!(self, Self::Loss | Self::LogLoss | Self::Cost { .. })
    }

    /// Whether it takes the probabilities of the rows, and not only their predicted classes.
    pub fn needs_probabilities(self) -> bool {
        matches!(self, Self::LogLoss | Self::MeanArea(_) | Self::AreaOfClass(..))
    }

    /// The score of rows; `None` where they cannot tell it, or the probabilities that it takes were not
    /// asked for.
    pub fn of(self, judged: &Judged<'_>) -> Option<f64> {
        let Judged { loss, confusion, probabilities } = *judged;
        let areas = |area: Area| {
            let probabilities = probabilities?;
            Some(match area {
                Area::Roc => &probabilities.roc_auc,
                Area::PrecisionRecall => &probabilities.pr_auc,
            })
        };
        match self {
            Self::Loss => Some(loss),
            Self::LogLoss => probabilities.map(|scores| scores.log_loss),
            Self::Accuracy => Some(confusion.accuracy()),
            Self::BalancedAccuracy => Some(confusion.balanced_accuracy()),
            Self::Mcc => Some(confusion.mcc()),
            Self::Macro(rate) => {
                let means = confusion.macro_average();
                Some(rate.pick([means.precision, means.recall, means.specificity, means.f1]))
            }
            Self::Weighted(rate) => {
                let means = confusion.weighted_average();
                Some(rate.pick([means.precision, means.recall, means.specificity, means.f1]))
            }
            Self::OfClass(rate, class) => {
                let one = confusion.class_scores(class);
                Some(rate.pick([one.precision, one.recall, one.specificity, one.f1]))
            }
            Self::MeanArea(area) => mean_over_defined(areas(area)?.iter().copied()),
            Self::AreaOfClass(area, class) => areas(area)?.get(class as usize).copied().flatten(),
            Self::Cost { normal, miss, false_alarm } => {
                let hits = confusion.count(normal, normal);
                let misses = confusion.predicted(normal) - hits;
                let alarms = confusion.support(normal) - hits;
                let cost = misses as f64 * miss + alarms as f64 * false_alarm;
                Some(cost / confusion.total().max(1) as f64)
            }
        }
    }
}

impl Rate {
    /// One of precision, recall, specificity and F1.
    fn pick(self, [precision, recall, specificity, f1]: [f64; 4]) -> f64 {
        match self {
            Self::Precision => precision,
            Self::Recall => recall,
            Self::Specificity => specificity,
            Self::F1 => f1,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]

    use serde_json::json;

    use super::*;
    use crate::metrics::SplitMetrics;

    /// Three classes; the last has no row.
    const LABELS: [u32; 5] = [0, 0, 1, 1, 1];
    const PROBABILITIES: [f64; 15] = [
        0.6, 0.3, 0.1, //
        0.2, 0.7, 0.1, //
        0.1, 0.8, 0.1, //
        0.5, 0.4, 0.1, //
        0.2, 0.2, 0.6,
    ];

    fn names() -> Vec<String> {
        ["fine", "worn", "lost"].map(str::to_owned).to_vec()
    }

    fn score(rank_by: serde_json::Value) -> Option<f64> {
        let rank_by: RankBy = serde_json::from_value(rank_by).unwrap();
        let scored = Scored::new(&LABELS, &PROBABILITIES, 3).unwrap();
        let (confusion, probabilities) =
            (scored.confusion().unwrap(), ProbabilityScores::of(&scored));
        let judged =
            Judged { loss: 0.5, confusion: &confusion, probabilities: Some(&probabilities) };
        Score::resolve(&rank_by, &names()).unwrap().of(&judged)
    }

    #[test]
    fn every_score_is_the_one_that_metrics_json_has() {
        let scored = Scored::new(&LABELS, &PROBABILITIES, 3).unwrap();
        let all = serde_json::to_value(SplitMetrics::compute(&scored, &names()).unwrap()).unwrap();
        for plain in
            ["log_loss", "accuracy", "balanced_accuracy", "mcc", "roc_auc_ovr", "pr_auc_ovr"]
        {
            assert_eq!(score(json!(format!("valid_{plain}"))), all[plain].as_f64(), "{plain}");
        }
        for mean in ["precision", "recall", "specificity", "f1"] {
            let found = score(json!(format!("valid_macro_{mean}")));
            assert_eq!(found, all["macro"][mean].as_f64(), "{mean}");
            let found = score(json!(format!("valid_weighted_{mean}")));
            assert_eq!(found, all["weighted"][mean].as_f64(), "{mean}");
        }
        for one in ["precision", "recall", "specificity", "f1", "roc_auc", "pr_auc"] {
            let found = score(json!({format!("valid_{one}"): "worn"}));
            assert_eq!(found, all["per_class"][1][one].as_f64(), "{one}");
            assert!(found.is_some(), "{one}");
        }
    }

    #[test]
    fn a_cost_is_the_mean_over_the_rows() {
        // One fine row is taken for worn, one worn row for fine.
        let costs = json!({"normal": "fine", "miss": 50, "false_alarm": 2});
        assert_eq!(score(json!({"valid_cost": costs})), Some(52.0 / 5.0));
    }

    #[test]
    fn a_class_without_rows_has_no_area() {
        assert_eq!(score(json!({"valid_roc_auc": "lost"})), None);
        assert_eq!(score(json!({"valid_pr_auc": "lost"})), None);
    }

    #[test]
    fn a_class_that_is_not_there_has_no_score() {
        let rank_by = RankBy::ValidF1("Worn".to_owned());
        assert_eq!(Score::resolve(&rank_by, &names()), None);
    }
}
