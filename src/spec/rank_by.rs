//! The ranking score: the key `rank_by`.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::final_model::Costs;

/// A validation score that ranks. Scores of one class take its name: `{"valid_recall": "HDF"}`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RankBy {
    /// Cross-entropy; lower is better.
    ValidLoss,
    /// Cross-entropy of probabilities no closer to 0 and 1 than 2e-16, as scikit-learn's `log_loss`;
    /// lower is better.
    ValidLogLoss,
    /// Share of rows predicted correctly.
    ValidAccuracy,
    /// Mean recall of the classes that have rows.
    ValidBalancedAccuracy,
    /// Matthews correlation coefficient.
    ValidMcc,
    /// Mean of the classes' precisions.
    ValidMacroPrecision,
    /// Mean of the classes' recalls (sensitivities).
    ValidMacroRecall,
    /// Mean of the classes' specificities.
    ValidMacroSpecificity,
    /// Mean of the classes' F1 scores.
    #[default]
    ValidMacroF1,
    /// Mean of the classes' precisions, weighted by their rows.
    ValidWeightedPrecision,
    /// Mean of the classes' recalls, weighted by their rows: the accuracy.
    ValidWeightedRecall,
    /// Mean of the classes' specificities, weighted by their rows.
    ValidWeightedSpecificity,
    /// Mean of the classes' F1 scores, weighted by their rows.
    ValidWeightedF1,
    /// Mean area under the classes' ROC curves, each class against the rest.
    ValidRocAucOvr,
    /// Mean average precision of the classes, each class against the rest.
    ValidPrAucOvr,
    /// Precision of a class.
    ValidPrecision(String),
    /// Recall (sensitivity) of a class.
    ValidRecall(String),
    /// Specificity of a class.
    ValidSpecificity(String),
    /// F1 score of a class.
    ValidF1(String),
    /// Area under the ROC curve of a class against the rest.
    ValidRocAuc(String),
    /// Average precision of a class against the rest: the area under its precision-recall curve.
    ValidPrAuc(String),
    /// Mean cost of a row, by what mistakes cost; lower is better.
    ValidCost(Costs),
}

impl RankBy {
    /// The name of the column of trials.csv that ranks: that of a class's score ends in the class.
    pub fn name(&self) -> Cow<'static, str> {
        let of_class = |score: &str, class: &str| format!("valid_{score}_{class}").into();
        match self {
            Self::ValidLoss => "valid_loss".into(),
            Self::ValidLogLoss => "valid_log_loss".into(),
            Self::ValidAccuracy => "valid_accuracy".into(),
            Self::ValidBalancedAccuracy => "valid_balanced_accuracy".into(),
            Self::ValidMcc => "valid_mcc".into(),
            Self::ValidMacroPrecision => "valid_macro_precision".into(),
            Self::ValidMacroRecall => "valid_macro_recall".into(),
            Self::ValidMacroSpecificity => "valid_macro_specificity".into(),
            Self::ValidMacroF1 => "valid_macro_f1".into(),
            Self::ValidWeightedPrecision => "valid_weighted_precision".into(),
            Self::ValidWeightedRecall => "valid_weighted_recall".into(),
            Self::ValidWeightedSpecificity => "valid_weighted_specificity".into(),
            Self::ValidWeightedF1 => "valid_weighted_f1".into(),
            Self::ValidRocAucOvr => "valid_roc_auc_ovr".into(),
            Self::ValidPrAucOvr => "valid_pr_auc_ovr".into(),
            Self::ValidPrecision(class) => of_class("precision", class),
            Self::ValidRecall(class) => of_class("recall", class),
            Self::ValidSpecificity(class) => of_class("specificity", class),
            Self::ValidF1(class) => of_class("f1", class),
            Self::ValidRocAuc(class) => of_class("roc_auc", class),
            Self::ValidPrAuc(class) => of_class("pr_auc", class),
            Self::ValidCost(_) => "valid_cost".into(),
        }
    }

    /// Whether a lower score is better, by [`RankBy::name`].
    pub fn falls(name: &str) -> bool {
        ["valid_loss", "valid_log_loss", "valid_cost"].contains(&name)
    }

    /// The class that it names, with its key in the value; `None` where it is of all classes.
    pub fn class(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::ValidPrecision(class) => Some(("valid_precision", class)),
            Self::ValidRecall(class) => Some(("valid_recall", class)),
            Self::ValidSpecificity(class) => Some(("valid_specificity", class)),
            Self::ValidF1(class) => Some(("valid_f1", class)),
            Self::ValidRocAuc(class) => Some(("valid_roc_auc", class)),
            Self::ValidPrAuc(class) => Some(("valid_pr_auc", class)),
            Self::ValidCost(costs) => Some(("valid_cost.normal", &costs.normal)),
            _ => None,
        }
    }
}
