//! What the user asked for: the grid file, read and checked in one place.
//!
//! [`load`] is the only way to a [`Study`]; whatever it holds has been checked, down to the line
//! and column of the file that was wrong.

mod axes;
mod balance;
mod check;
mod check_grid;
mod check_steps;
mod class_weight;
mod database_url;
mod early_stopping;
mod embedding;
mod families;
mod final_model;
mod grid_file;
mod limit;
mod lr_schedule;
mod message;
mod optimizers;
mod position;
mod rank_by;
mod span;
mod split;
mod steps;
mod value;
mod variants;

use std::path::{Path, PathBuf};

pub use axes::Axes;
pub use balance::{
    Balance, OverSampled, RandomOver, RandomUnder, SamplingStrategy, Smote, UnderSampled,
};
pub use check::Study;
pub use class_weight::{ClassWeight, WeightByClass, WeightRule};
pub use database_url::{DatabaseKind, DatabaseUrl, PASSWORD_VARIABLE};
pub use early_stopping::{EarlyStopping, Never, Patience};
pub use embedding::{Embedding, EmbeddingKind, NoEmbedding, Periodic};
#[cfg(test)]
pub use families::ToyParams;
pub use families::{
    Cell, Criterion, DataSampleStrategy, ExtraTreesParams, Family, FeatureRule,
    GradientBoostingParams, GrowPolicy, KnnParams, LogisticRegressionParams, MaxFeatures, Metric,
    MlpParams, NeighborWeights, Params, RandomForestParams, XgboostParams,
};
pub use final_model::{Calibration, Costs, FinalModel, Greedy, Stacking, Thresholds, WantedRecall};
pub use grid_file::{Data, GridFile, Source, Sql, Synth};
pub use limit::{CountLimit, Limit, NoLimit, RatioLimit};
pub use lr_schedule::{Cosine, LrSchedule, OneCycle, ReduceOnPlateau, StepRate};
pub use optimizers::{Adam, Fixed, Optimizer, RmsProp, Sgd};
pub use rank_by::RankBy;
pub use span::{Span, Window};
pub use split::{By, Folds, Shares, Split};
pub use steps::{
    Aggregate, BinEncoding, Bins, Clip, Columns, Constant, CountEvents, DropDuplicates, DropRows,
    EdgesBy, Events, Fill, Filling, IqrOutliers, Join, JoinBy, Keep, Label, OneHot, Ordinal,
    OutlierAction, ParseDates, Resample, Rolling, RollingFunction, Scale, ScaleMethod, Shift, Step,
    TimePart, TimeParts, Unseen,
};
pub use value::{
    Axis, BinCount, ClassFactor, Count, Fraction, LeafCount, Members, Neighbors, NonNegative,
    Positive, Ratio, Share, Share01, SplitCount,
};
pub use variants::{Preparation, Variant, Variants};

/// What can be wrong with a grid file.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// The file cannot be read.
    #[error("cannot read the grid file {}: {reason}", path.display())]
    Unreadable {
        /// The grid file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// It is no JSON, a key or value is not one that a grid file has, or values do not fit together.
    #[error("{}:{line}:{column}: {problem}", path.display())]
    Wrong {
        /// The grid file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The key, what is wrong and what to write.
        problem: String,
    },
}

impl SpecError {
    /// What is wrong with the value of a key.
    fn at(path: &Path, text: &str, key: &str, problem: String) -> Self {
        let (line, column) = position::position(text, key);
        Self::Wrong { path: path.to_owned(), line, column, problem }
    }
}

/// Reads and checks a grid file.
///
/// # Errors
/// A [`SpecError`] that names the file, and the line and key wherever there is one.
pub fn load(path: &Path) -> Result<Study, SpecError> {
    let text = std::fs::read_to_string(path)
        .map_err(|reason| SpecError::Unreadable { path: path.to_owned(), reason })?;
    parse(path, &text)
}

/// Checks the text of a grid file; `path` is named in errors and anchors relative paths.
///
/// # Errors
/// As [`load`].
pub fn parse(path: &Path, text: &str) -> Result<Study, SpecError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = serde_json::Deserializer::from_str(text);
    let file: GridFile = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| message::wrong((path, text), &error.path().to_string(), error.inner()))?;
    reader.end().map_err(|error| message::wrong((path, text), ".", &error))?;
    check::check(path, text, file)
}

/// The JSON Schema of the grid file, for editors.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(GridFile).to_value()
}
