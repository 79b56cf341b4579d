//! The JSON files of a run: `run.json`, and `metrics.json` of `best/`, `ensemble/` and `stacked/`.

use std::io::ErrorKind;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::error::ReportError;

/// The largest integer that a JavaScript number holds exactly, 2^53 - 1.
const MAX_EXACT_INTEGER: u64 = (1 << 53) - 1;

/// What `run.json` says; only the name and the ranking column are needed, the rest is shown.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct RunRecord {
    pub name: String,
    pub rank_by: String,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// What `best/metrics.json` says about the stored best model.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct BestMetrics {
    pub trial: u64,
    #[serde(default)]
    pub fold: Option<u64>,
    #[serde(default)]
    pub epoch: Option<u64>,
    /// Of how many fold models it is the mean, where it is one.
    #[serde(default)]
    pub bagged: Option<u64>,
    #[serde(flatten)]
    pub parts: PartsMetrics,
}

/// What `metrics.json` of `ensemble/` or `stacked/` says about several models.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct EnsembleMetrics {
    pub members: Vec<MemberShare>,
    #[serde(flatten)]
    pub parts: PartsMetrics,
}

/// A model's share in a mean.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct MemberShare {
    pub trial: u64,
    pub weight: f64,
    /// Which of a stacked model's inputs the mean is.
    #[serde(default)]
    pub input: u64,
}

/// The metrics of each split that a model has any of.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct PartsMetrics {
    #[serde(default)]
    pub train: Option<SplitMetrics>,
    #[serde(default)]
    pub valid: Option<SplitMetrics>,
    #[serde(default)]
    pub test: Option<SplitMetrics>,
}

/// A file of metrics.
pub(super) trait Metrics: DeserializeOwned {
    fn parts(&self) -> &PartsMetrics;
}

impl Metrics for BestMetrics {
    fn parts(&self) -> &PartsMetrics {
        &self.parts
    }
}

impl Metrics for EnsembleMetrics {
    fn parts(&self) -> &PartsMetrics {
        &self.parts
    }
}

/// The metrics of one split; a metric that is not defined there is null.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct SplitMetrics {
    #[serde(default)]
    pub rows: Option<u64>,
    #[serde(default)]
    pub per_class: Vec<ClassMetrics>,
    #[serde(default)]
    pub confusion: Vec<Vec<u64>>,
    #[serde(flatten)]
    pub scores: Map<String, Value>,
}

/// The metrics of one class against the others.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct ClassMetrics {
    pub class: String,
    #[serde(flatten)]
    pub scores: Map<String, Value>,
}

/// Reads `run.json` and makes its large integers safe for JavaScript.
///
/// # Errors
/// [`ReportError::Read`] or [`ReportError::Json`].
pub(super) fn read_run_record(path: &Path) -> Result<RunRecord, ReportError> {
    let text = std::fs::read_to_string(path).map_err(ReportError::reading(path))?;
    let mut record: RunRecord = parse(path, &text)?;
    record.rest.values_mut().for_each(spell_out_large_integers);
    Ok(record)
}

/// Reads `metrics.json` of `best/`, `ensemble/` or `stacked/`; `None` when the run has no such model.
///
/// # Errors
/// [`ReportError::Read`], [`ReportError::Json`] or [`ReportError::Confusion`].
pub(super) fn read_metrics<M: Metrics>(path: &Path) -> Result<Option<M>, ReportError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(source) if source.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(ReportError::reading(path)(source)),
    };
    let metrics: M = parse(path, &text)?;
    let parts = metrics.parts();
    for (split, found) in [("train", &parts.train), ("valid", &parts.valid), ("test", &parts.test)]
    {
        let Some(found) = found else { continue };
        let classes = found.per_class.len();
        let square = found.confusion.len() == classes
            && found.confusion.iter().all(|row| row.len() == classes);
        if !square {
            return Err(ReportError::Confusion { path: path.to_path_buf(), split, classes });
        }
    }
    Ok(Some(metrics))
}

fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, ReportError> {
    serde_json::from_str(text)
        .map_err(|source| ReportError::Json { path: path.to_path_buf(), source })
}

/// Turns integers that JavaScript would round (a 64-bit seed) into text.
fn spell_out_large_integers(value: &mut Value) {
    match value {
        Value::Number(number) if number.as_u64().is_some_and(|n| n > MAX_EXACT_INTEGER) => {
            *value = Value::String(number.to_string());
        }
        Value::Array(items) => items.iter_mut().for_each(spell_out_large_integers),
        Value::Object(map) => map.values_mut().for_each(spell_out_large_integers),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]
    use super::*;

    fn write(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn a_record_needs_only_its_name_and_its_ranking_column() {
        let file = write(r#"{"name":"a","rank_by":"valid_macro_f1"}"#);
        assert_eq!(read_run_record(file.path()).unwrap().name, "a");
        let file = write(r#"{"name":"a"}"#);
        let message = read_run_record(file.path()).unwrap_err().to_string();
        assert!(message.contains("rank_by"), "{message}");
    }

    #[test]
    fn a_seed_that_javascript_would_round_becomes_text() {
        let file = write(r#"{"name":"a","rank_by":"b","seed":18446744073709551615,"jobs":2}"#);
        let record = read_run_record(file.path()).unwrap();
        assert_eq!(record.rest["seed"], "18446744073709551615");
        assert_eq!(record.rest["jobs"], 2);
    }

    #[test]
    fn a_missing_best_model_is_not_an_error() {
        assert!(read_metrics::<BestMetrics>(Path::new("/nowhere/metrics.json")).unwrap().is_none());
    }

    #[test]
    fn a_confusion_matrix_must_be_square() {
        let file = write(r#"{"trial":1,"test":{"per_class":[{"class":"a"}],"confusion":[[1,2]]}}"#);
        assert!(matches!(
            read_metrics::<BestMetrics>(file.path()),
            Err(ReportError::Confusion { split: "test", classes: 1, .. })
        ));
    }
}
