//! model.json.

use std::ops::RangeInclusive;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{ModelError, Ranges};
use crate::ensemble::Decision;
use crate::families::{Fitted, Shape};
use crate::prepare::Pipeline;
use crate::spec::Family;

/// The version of the format that is written.
pub(super) const FORMAT: u32 = 6;

/// The versions that are read; in the first of them every model is a network.
pub(super) const FORMATS: RangeInclusive<u32> = 4..=FORMAT;

/// The contents of model.json.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Version of this format.
    pub format: u32,
    /// The family of the model.
    #[serde(default)]
    pub family: Family,
    /// What the model's own file does not hold.
    #[serde(flatten)]
    pub shape: Shape,
    /// The column that is predicted.
    pub target: String,
    /// The classes, in the order of the probabilities.
    pub classes: Vec<String>,
    /// The model's inputs, in order.
    pub inputs: Vec<String>,
    /// The range of each input in the train rows.
    pub ranges: Ranges,
    /// The fitted preparation.
    pub preparation: Pipeline,
    /// How the class is decided.
    #[serde(default)]
    pub decision: Decision,
    /// Where the model comes from.
    pub provenance: Provenance,
}

/// Where a model comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The run.
    pub run: String,
    /// The trial.
    pub trial: usize,
    /// The fold that it was trained on; `None` if that was all train and validation rows.
    pub fold: Option<usize>,
    /// The round from which it was kept: the epoch of a network, the number of trees of a forest.
    pub epoch: u32,
    /// SHA-256 of the table that it was trained on.
    pub data_sha256: String,
    /// The version of forewarn.
    pub forewarn: String,
}

impl Description {
    /// Describes a model, its preparation and the ranges of its inputs.
    pub fn new(
        (family, fitted): (Family, &Fitted),
        (target, classes): (String, Vec<String>),
        (preparation, ranges): (Pipeline, Ranges),
        provenance: Provenance,
    ) -> Self {
        Self {
            format: FORMAT,
            family,
            shape: fitted.shape(),
            target,
            classes,
            inputs: preparation.inputs.clone(),
            ranges,
            preparation,
            decision: Decision::default(),
            provenance,
        }
    }

    /// Checks the text of model.json, which stands at `path`.
    ///
    /// # Errors
    /// [`ModelError::Unusable`].
    pub(super) fn read(path: &Path, text: &str) -> Result<Self, ModelError> {
        let unusable = |reason: String| ModelError::Unusable { path: path.to_owned(), reason };
        let read: Self = serde_json::from_str(text).map_err(|error| unusable(error.to_string()))?;
        match read.problem() {
            Some(problem) => Err(unusable(problem)),
            None => Ok(read),
        }
    }

    /// The inconsistency, if any.
    pub(super) fn problem(&self) -> Option<String> {
        if !FORMATS.contains(&self.format) {
            return Some(unread(self.format));
        }
        let (inputs, classes) = (self.preparation.inputs.len(), self.classes.len());
        if let Some(problem) = self.shape.problem(self.family, inputs, classes) {
            return Some(problem);
        }
        if self.inputs != self.preparation.inputs {
            return Some("inputs and preparation have different names".to_owned());
        }
        if !self.ranges.is_sound(inputs) {
            return Some("ranges are not one for each input, from low to high".to_owned());
        }
        if !self.decision.is_sound(classes) {
            return Some("decision is none that could have been chosen".to_owned());
        }
        self.preparation.problem()
    }
}

/// The message about a format that cannot be read.
pub(super) fn unread(format: u32) -> String {
    let (first, last) = (FORMATS.start(), FORMATS.end());
    format!("format {format} is none of {first} to {last}, which this version reads")
}
