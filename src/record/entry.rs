//! The lines of the journal: a checksum, then JSON.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::exact::Exact;
use crate::sweep::{Settings, Status, Trial, TrialResult, Winner, by_part};
use crate::train::PartScores;

/// Digits of a line's checksum.
const DIGITS: usize = 8;

/// A trial that has ended.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry<'a> {
    trial: usize,
    status: Status,
    best_epoch: Option<u32>,
    epochs_trained: Option<u32>,
    /// Scores of the parts on each fold; none unless it finished.
    folds: Vec<[[Exact; 6]; 3]>,
    seconds: Exact,
    /// When it ended, and what the run had taken by then.
    pub ended_at: Cow<'a, str>,
    pub elapsed_s: f64,
    /// Its rows of curves.csv.
    pub curves: Cow<'a, str>,
    /// Its model, where it was the best of its family when it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    best: Option<Best>,
}

/// The rows of an entry alone.
#[derive(Debug, Deserialize)]
pub(super) struct Rows<'a> {
    #[serde(borrow)]
    pub curves: Cow<'a, str>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Best {
    fold: usize,
    epoch: u32,
    /// The bytes of the model as base64.
    model: String,
}

impl<'a> Entry<'a> {
    /// The record of a trial that has ended.
    pub fn new(
        result: &TrialResult,
        winner: Option<&Winner>,
        curves: &'a str,
        (ended_at, elapsed_s): (&'a str, f64),
    ) -> Self {
        let best = winner.map(|winner| Best {
            fold: winner.fold,
            epoch: winner.epoch,
            model: STANDARD.encode(winner.fitted.to_bytes()),
        });
        Self {
            trial: result.trial.number,
            status: result.status.clone(),
            best_epoch: result.best_epoch,
            epochs_trained: result.epochs_trained,
            folds: result
                .folds
                .iter()
                .map(|fold| fold.map(|part| part.values().map(Exact)))
                .collect(),
            seconds: Exact(result.elapsed_s),
            ended_at: ended_at.into(),
            elapsed_s,
            curves: curves.into(),
            best,
        }
    }

    /// The result, and the model where it holds one, of one of `trials`; `None` where they do not fit
    /// together.
    pub fn read(
        &self,
        trials: &[Trial],
        settings: &Settings<'_>,
    ) -> Option<(TrialResult, Option<Winner>)> {
        let trial = trials.get(self.trial)?;
        let scores = |part: [Exact; 6]| PartScores::from_values(part.map(|Exact(value)| value));
        let folds: Vec<_> = self.folds.iter().map(|fold| fold.map(scores)).collect();
        let finished = self.status == Status::Finished;
        let rows = self.curves.is_empty() || self.curves.ends_with('\n');
        let expected = if finished { settings.data.count() } else { 0 };
        let known = [self.best_epoch.is_some(), self.epochs_trained.is_some()];
        let fits = |rounds: Option<u32>| rounds.is_none_or(|rounds| rounds <= trial.rounds());
        let fit = fits(self.best_epoch) && fits(self.epochs_trained);
        if !rows || !fit || folds.len() != expected || known != [finished; 2] {
            return None;
        }
        let result = TrialResult {
            trial: trial.clone(),
            status: self.status.clone(),
            best_epoch: self.best_epoch,
            epochs_trained: self.epochs_trained,
            scores: finished.then(|| by_part(&folds, PartScores::mean)),
            folds,
            elapsed_s: self.seconds.0,
        };
        let Some(best) = &self.best else { return Some((result, None)) };
        let (fold, epoch) = (best.fold, best.epoch);
        if !finished || fold >= settings.data.count() || epoch > trial.rounds() {
            return None;
        }
        let bytes = STANDARD.decode(&best.model).ok()?;
        let rows = settings.data.fold(trial.preparation, fold);
        let fitted = trial.recipe().restore(&bytes, rows, settings.data.classes())?;
        let winner = Winner { result: result.clone(), fold, epoch, fitted };
        Some((result, Some(winner)))
    }
}

/// The line of a value: the checksum (CRC-32, in hexadecimal digits) of its JSON, and the JSON.
pub(super) fn seal(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    // In one piece of memory: a line may hold a large network.
    let mut line = vec![b' '; DIGITS + 1];
    serde_json::to_writer(&mut line, value)?;
    let sum = format!("{:08x}", crc32fast::hash(&line[DIGITS + 1..]));
    line[..DIGITS].copy_from_slice(sum.as_bytes());
    line.push(b'\n');
    Ok(line)
}

/// The JSON of a whole line; `None` if it was cut off or changed.
pub(super) fn unseal(line: &[u8]) -> Option<&str> {
    let (sum, json) = line.strip_suffix(b"\n")?.split_at_checked(DIGITS)?;
    let json = std::str::from_utf8(json.strip_prefix(b" ")?).ok()?;
    let sum = u32::from_str_radix(std::str::from_utf8(sum).ok()?, 16).ok()?;
    (sum == crc32fast::hash(json.as_bytes())).then_some(json)
}
