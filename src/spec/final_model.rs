//! Final models, made once all trials have ended: the key `model`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rank_by::RankBy;
use super::value::{Members, Positive, Ratio};

/// Final models, made once all trials have ended. All choices are made on validation rows: with
/// folds on those of all folds, each predicted by models that were not trained on it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FinalModel {
    /// Train the winner once more, on train and validation rows, for as many rounds as were its best;
    /// without it the model of the fold with the best validation score is kept.
    pub refit: bool,
    /// Keep the mean of a trial's models on all folds instead of a single one of them or a refit.
    #[serde(skip_serializing_if = "is_false")]
    pub bagged: bool,
    /// Average models of several trials, into `ensemble/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ensemble: Option<Greedy>,
    /// Combine the best trials of each family by a regression on their predictions, into `stacked/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stacked: Option<Stacking>,
    /// Whether probabilities are made as sure as validation rows bear out.
    pub calibration: Calibration,
    /// The probability from which on a class is predicted.
    pub thresholds: Thresholds,
}

impl FinalModel {
    /// Whether the winner's model is kept as the sweep trained it, and nothing else.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// A greedy selection of models to average (Caruana et al. 2004).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Greedy {
    /// How many are taken, one after the other; one may be taken several times.
    pub size: Members,
    /// The best of how many trials are to choose from.
    pub candidates: Members,
    /// How many of each family are among them at least, beyond the best of all if need be; as many as
    /// the family has where these are fewer.
    pub candidates_per_family: u32,
    /// The validation score of the mean that picks the next.
    pub rank_by: RankBy,
}

impl Default for Greedy {
    fn default() -> Self {
        let [size, candidates] = [25, 10].map(Members::default_of);
        Self { size, candidates, candidates_per_family: 1, rank_by: RankBy::ValidLoss }
    }
}

/// Stacked generalisation (Wolpert 1992): a multinomial logistic regression on the logarithms of the
/// probabilities that trials give validation rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Stacking {
    /// How many of the best trials of each family it takes; as many as the family has where these are
    /// fewer.
    pub candidates_per_family: Members,
    /// scikit-learn's inverse strength of the L2 penalty; without it, the one of 1e-4, 1e-3 … 10 whose
    /// log loss is lowest on validation rows that the regression was not fitted to.
    #[serde(rename = "C", skip_serializing_if = "Option::is_none")]
    pub c: Option<Positive>,
}

impl Default for Stacking {
    fn default() -> Self {
        Self { candidates_per_family: Members::default_of(1), c: None }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde asks
fn is_false(value: &bool) -> bool {
    !value
}

/// How probabilities are calibrated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Calibration {
    /// They are the network's.
    #[default]
    None,
    /// Logits are divided by the number that makes the cross-entropy lowest (Guo et al. 2017).
    Temperature,
}

/// How thresholds are chosen. The predicted class is the one whose probability is the largest in parts of its
/// threshold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Thresholds {
    /// The most probable class is predicted.
    #[default]
    None,
    /// Those with the highest macro F1.
    F1,
    /// For each class named, the highest at which that share of its rows is found.
    Recall(WantedRecall),
    /// The threshold of the normal class at which mistakes cost least.
    Cost(Costs),
}

/// The share of a class's rows that are to be found, of at least one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "IndexMap<String, Ratio>")]
#[schemars(extend("minProperties" = 1))]
pub struct WantedRecall(IndexMap<String, Ratio>);

impl WantedRecall {
    /// The named classes with their shares, in the order of the grid file.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(class, share)| (class.as_str(), share.get()))
    }
}

impl TryFrom<IndexMap<String, Ratio>> for WantedRecall {
    type Error = &'static str;

    fn try_from(wanted: IndexMap<String, Ratio>) -> Result<Self, Self::Error> {
        if wanted.is_empty() { Err("it is empty: name a class") } else { Ok(Self(wanted)) }
    }
}

/// What mistakes cost, in any unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// The class of the rows where nothing is wrong.
    pub normal: String,
    /// A row of another class that is predicted as normal.
    pub miss: Positive,
    /// A normal row that is predicted as another class.
    pub false_alarm: Positive,
}

impl Thresholds {
    /// The classes that it names, each with its key below `model.thresholds`.
    pub fn classes(&self) -> Vec<(String, &str)> {
        match self {
            Self::None | Self::F1 => Vec::new(),
            Self::Recall(wanted) => {
                wanted.iter().map(|(name, _)| (format!("recall.{name}"), name)).collect()
            }
            Self::Cost(costs) => vec![("cost.normal".to_owned(), &costs.normal)],
        }
    }
}
