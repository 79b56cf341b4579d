//! The grid file's keys, as serde reads them and as the JSON Schema shows them.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::axes::Axes;
use super::database_url::DatabaseUrl;
use super::families::Family;
use super::final_model::FinalModel;
use super::optimizers::Fixed;
use super::rank_by::RankBy;
use super::split::Split;
use super::steps::{OneHot, Scale, Step};
use super::value::Count;
use super::variants::Variants;
use crate::synth::Generator;

/// A sweep: the data, how it is prepared and split, and the grid of hyperparameters to train.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GridFile {
    /// The address of this file's JSON Schema, for editors; not read by the sweep.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The name of the run, and of its folder in `outputs/`; letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// What the sweep is for, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The seed of the whole run: of the split, and of every trial together with the axis `seed`.
    #[serde(default)]
    pub seed: u64,
    /// Where the rows come from and what the columns are.
    pub data: Data,
    /// How features are prepared, step by step; steps are fitted on the train rows alone.
    #[serde(default = "usual_steps")]
    pub steps: Vec<Step>,
    /// Which rows are trained on, which choose the winner, and which only report.
    #[serde(default)]
    pub split: Split,
    /// Settings of the optimizers that are the same in every trial.
    #[serde(default)]
    pub fixed: Fixed,
    /// The hyperparameters of networks: every combination of the values is one trial. `seed` and
    /// `class_weight` are those of every family that has them.
    #[serde(default)]
    pub grid: Axes,
    /// Variants, each trained whole: other families, other axes, other steps. Their names stand in the
    /// tables.
    #[serde(default, skip_serializing_if = "Variants::is_base")]
    pub variants: Variants,
    /// The validation score that ranks the trials, and picks each trial's best epoch.
    #[serde(default)]
    pub rank_by: RankBy,
    /// Whether a trial's model is that of its best round on validation rows, or of its last: of networks
    /// the epoch, of boosting the iteration.
    #[serde(default = "restore_best_weights")]
    pub restore_best_weights: bool,
    /// The number of rounds between rows of the curves; a trial's last round always has one.
    #[serde(default = "curve_every", skip_serializing_if = "is_one")]
    pub curve_every: Count,
    /// Final models, made once all trials have ended.
    #[serde(default, skip_serializing_if = "FinalModel::is_plain")]
    pub model: FinalModel,
}

impl GridFile {
    /// Every variant's name, family and axes, with the values that it does not name itself.
    pub fn grids(&self) -> impl Iterator<Item = (&str, Family, Axes)> {
        self.variants.iter().map(|(name, variant)| {
            (name, variant.family, variant.family.grid(&variant.grid, &self.grid))
        })
    }

    /// Puts the defaults of all axes that are not named into it.
    pub(super) fn fill_in(&mut self) {
        let shared = self.grid.clone();
        if self.variants.iter().any(|(_, variant)| variant.family == Family::Mlp) {
            self.grid = Family::Mlp.complete(&shared);
        }
        for variant in self.variants.iter_mut().filter(|one| one.family != Family::Mlp) {
            variant.grid = variant.family.grid(&variant.grid, &shared);
        }
    }

    /// How many trials it makes (saturating: a count that no machine could train).
    pub fn trials(&self) -> u64 {
        self.grids().fold(0, |sum, (_, family, axes)| sum.saturating_add(family.trials(&axes)))
    }
}

/// Where the rows come from and what the columns are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// A file, a database, or a generator.
    pub source: Source,
    /// The column to predict.
    pub target: String,
    /// The columns to learn from; without this key, all but the target and `drop`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<String>>,
    /// Identifiers and leaks, left out of the features.
    #[serde(default)]
    pub drop: Vec<String>,
    /// Columns whose numbers are codes of categories.
    #[serde(default)]
    pub categorical: Vec<String>,
    /// The column that says which machine a row is of; no feature unless `features` names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The column of the rows' times; no feature unless `features` names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Auxiliary tables, by the names that steps call them.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tables: IndexMap<String, Source>,
}

/// Where the rows come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// A file of CSV, Parquet or an Excel workbook (`book.xlsx#Sheet`), each also packed by gzip; a
    /// relative path starts at the folder of the grid file.
    File(String),
    /// The rows of a query.
    Sql(Sql),
    /// Rows made on the spot.
    Synth(Synth),
}

/// The rows of a query of a database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sql {
    /// `mysql://user@host:3306/database`, `mariadb://…`, `postgres://…`, or `sqlite:file.db`, which
    /// starts at the folder of the grid file. The password is that of the environment variable
    /// `FOREWARN_DB_PASSWORD`.
    pub url: DatabaseUrl,
    /// One statement, whose rows are the table. Without ORDER BY a database may give them in another
    /// order each time, and so another split.
    pub query: String,
}

/// Rows made by one of the generators.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Synth {
    /// The generator.
    pub generator: Generator,
    /// How many rows.
    pub rows: Count,
    /// The seed of the rows.
    pub seed: u64,
}

/// Categories as zeros and ones, numbers scaled to mean 0 and standard deviation 1.
fn usual_steps() -> Vec<Step> {
    vec![Step::OneHot(OneHot::default()), Step::Scale(Scale::default())]
}

fn restore_best_weights() -> bool {
    true
}

fn curve_every() -> Count {
    Count::default_of(1)
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde asks
fn is_one(count: &Count) -> bool {
    count.get() == 1
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn every_default_passes_the_checks_of_what_users_write() {
        let least = r#"{
            "name": "least",
            "data": {"source": {"file": "x.csv"}, "target": "y"},
            "grid": {"learning_rate": [0.1], "optimizer": ["adam"], "epochs": [1], "hidden": [[]]}
        }"#;
        let file: GridFile = serde_json::from_str(least).unwrap();
        let written = serde_json::to_string(&file).unwrap();
        assert_eq!(serde_json::from_str::<GridFile>(&written).unwrap(), file);
    }
}
