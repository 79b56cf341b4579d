//! What is compared: the best of a run, of one of its variants, or one trial, with all its seeds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::folds::{FoldRow, FoldTable};
use crate::examples::Part;
use crate::metrics::{ByTraining, pair};
use crate::report::MOST_TRIALS;
use crate::report::error::ReportError;
use crate::report::record::{RunRecord, read_run_record};
use crate::spec::RankBy;
use crate::untrusted::{MOST_JSON, readable};

/// The hyperparameter that names the variant.
const VARIANT: &str = "variant";

/// The one that names the family.
const FAMILY: &str = "family";

/// What the command line calls a side: `RUN`, `RUN:TRIAL` or `RUN:VARIANT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideName {
    /// The run's folder.
    pub run: PathBuf,
    /// A trial's number or a variant's name.
    pub part: Option<String>,
}

impl From<&str> for SideName {
    /// What stands after the last colon is a part of the run, unless a folder is named so.
    fn from(text: &str) -> Self {
        let whole = || Self { run: PathBuf::from(text), part: None };
        if Path::new(text).exists() {
            return whole();
        }
        text.rsplit_once(':').map_or_else(whole, |(run, part)| Self {
            run: PathBuf::from(run),
            part: Some(part.to_owned()),
        })
    }
}

/// A combination of hyperparameters, trained on seeds and folds.
#[derive(Debug)]
pub struct Side {
    /// What it is called.
    pub name: String,
    /// Its hyperparameters but the seed, by name.
    pub settings: IndexMap<String, String>,
    /// Numbers of its trials, one a seed.
    pub trials: BTreeSet<u64>,
    /// The folder of its run.
    pub(super) run: PathBuf,
    /// Scores of the parts by seed and fold; no seed where the family has none.
    scores: BTreeMap<(Option<String>, u64), [Vec<f64>; 3]>,
}

impl Side {
    /// The mean of a score on a part over its seeds and folds.
    pub fn mean(&self, part: Part, score: usize) -> f64 {
        let sum: f64 = self.scores.values().map(|parts| parts[part as usize][score]).sum();
        sum / self.scores.len().max(1) as f64
    }

    /// How many scores it has.
    pub(super) fn scores(&self) -> usize {
        self.scores.values().next().map_or(0, |parts| parts[0].len())
    }

    pub(super) fn folds(&self) -> impl Iterator<Item = u64> {
        self.scores.keys().map(|(_, fold)| *fold)
    }

    /// A score on a part of this side and of another, on the seeds and folds of both.
    pub(super) fn paired(&self, other: &Self, part: Part, score: usize) -> (Vec<f64>, Vec<f64>) {
        pair(&self.by_training(part, score), &other.by_training(part, score))
    }

    /// A score on a part by seed and fold.
    pub(super) fn by_training(&self, part: Part, score: usize) -> ByTraining<String> {
        let scores = self.scores.iter();
        scores.map(|(key, parts)| (key.clone(), parts[part as usize][score])).collect()
    }

    /// Whether its family has a seed.
    pub(super) fn is_seeded(&self) -> bool {
        self.scores.keys().all(|(seed, _)| seed.is_some())
    }

    /// Its family, where the run tells.
    pub fn family(&self) -> Option<&str> {
        self.settings.get(FAMILY).map(String::as_str)
    }
}

/// Reads the sides, each with its run's record.
pub(super) fn read(names: &[SideName]) -> Result<(Vec<Side>, Vec<RunRecord>), ReportError> {
    let (mut sides, mut records) = (Vec::new(), Vec::new());
    for name in names {
        let place = |file: &str, most: u64| {
            let path = name.run.join(file);
            readable(&name.run, file, most).map_err(|source| ReportError::Read { path, source })
        };
        let record = read_run_record(&place("run.json", MOST_JSON)?)?;
        let table = FoldTable::read(&place("folds.csv", MOST_TRIALS)?, &record.rank_by)?;
        if table.rows.is_empty() {
            return Err(ReportError::NothingFinished { path: name.run.clone() });
        }
        let parts = match (&name.part, names.len()) {
            (Some(part), _) => vec![Some(part.clone())],
            (None, 1) => table.variants().into_iter().map(Some).collect(),
            (None, _) => vec![None],
        };
        for part in parts {
            let called = match (&part, names.len()) {
                (Some(part), 1) => part.clone(),
                (Some(part), _) => format!("{}:{part}", record.name),
                (None, _) => record.name.clone(),
            };
            let side = table.side(&called, part.as_deref(), &record.rank_by);
            let side = side.map(|side| Side { run: name.run.clone(), ..side });
            sides.push(side.ok_or_else(|| ReportError::NoSuchSide {
                path: name.run.clone(),
                part: part.unwrap_or_default(),
            })?);
        }
        records.push(record);
    }
    Ok((sides, records))
}

/// The names of the hyperparameters in which sides differ; the variant is in their names.
pub(super) fn varied(sides: &[Side]) -> Vec<String> {
    let names = sides.iter().flat_map(|side| side.settings.keys());
    let mut varied: Vec<String> = Vec::new();
    for name in names.filter(|name| *name != VARIANT) {
        let mut values = sides.iter().map(|side| side.settings.get(name));
        let first = values.next();
        if values.any(|value| Some(value) != first) && !varied.contains(name) {
            varied.push(name.clone());
        }
    }
    varied
}

impl FoldTable {
    /// The variants in the order of their trials.
    fn variants(&self) -> Vec<String> {
        let Some(place) = self.setting(VARIANT) else { return Vec::new() };
        let mut rows: Vec<&FoldRow> = self.rows.iter().collect();
        rows.sort_by_key(|row| row.trial);
        let mut names: Vec<String> = rows.iter().map(|row| row.settings[place].clone()).collect();
        names.dedup();
        names
    }

    /// The best combination of hyperparameters by the mean of the ranking score, of a variant or of
    /// all; or that of a trial. Where some of a combination's seeds or folds are missing, for their
    /// trials did not finish, those that have more are taken: what finished may owe it to its seed.
    fn side(&self, name: &str, part: Option<&str>, rank_by: &str) -> Option<Side> {
        // Not there where no family of the run has one.
        let seed = self.setting("seed");
        let variant = self.setting(VARIANT)?;
        let key = |row: &FoldRow| {
            let mut settings = row.settings.clone();
            if let Some(seed) = seed {
                settings.remove(seed);
            }
            settings
        };
        let is_variant =
            |name: &str| self.rows.iter().any(|row| row.settings[variant].as_str() == name);
        let of_trial = |number: &str| {
            let number: u64 = number.parse().ok()?;
            self.rows.iter().find(|row| row.trial == number).map(key)
        };
        let mut rows: Vec<&FoldRow> = match part {
            None => self.rows.iter().collect(),
            Some(name) if is_variant(name) => {
                self.rows.iter().filter(|row| row.settings[variant] == name).collect()
            }
            Some(number) => {
                let wanted = of_trial(number)?;
                self.rows.iter().filter(|row| key(row) == wanted).collect()
            }
        };
        rows.sort_by_key(|row| (row.trial, row.fold));
        let mut found: IndexMap<Vec<String>, Side> = IndexMap::new();
        for row in rows {
            let side = found.entry(key(row)).or_insert_with(|| Side {
                name: name.to_owned(),
                settings: self.named(row, seed),
                trials: BTreeSet::new(),
                run: PathBuf::new(),
                scores: BTreeMap::new(),
            });
            side.trials.insert(row.trial);
            let own = seed.map(|seed| row.settings[seed].clone()).filter(|own| !own.is_empty());
            side.scores.insert((own, row.fold), row.scores.clone());
        }
        let sign = if RankBy::falls(rank_by) { -1.0 } else { 1.0 };
        let score = self.scores.place();
        let rank = |side: &Side| (side.scores.len(), sign * side.mean(Part::Valid, score));
        let better = |one: &Side, other: &Side| {
            let (one, other) = (rank(one), rank(other));
            one.0.cmp(&other.0).then(one.1.total_cmp(&other.1))
        };
        // Of ties, the first.
        found.into_values().rev().max_by(better)
    }

    fn named(&self, row: &FoldRow, seed: Option<usize>) -> IndexMap<String, String> {
        let named = self.settings.iter().zip(&row.settings).enumerate();
        let named = named.filter(|(place, _)| Some(*place) != seed);
        named.map(|(_, (name, value))| (name.clone(), value.clone())).collect()
    }
}
