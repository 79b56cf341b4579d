//! Runs or configurations side by side, and whether their difference is more than the noise of seeds and
//! folds.

mod bands;
mod families;
mod folds;
mod page;
mod sides;

pub use families::{DrawnDifference, RunFamilies, RunFamily, Spread};
pub use sides::{Side, SideName};

use super::error::ReportError;
use super::record::RunRecord;
use crate::examples::Part;
use crate::metrics::Difference;
use crate::record::ScoreColumns;
use crate::train::PartScores;

/// Sides beside the first of them.
#[derive(Debug)]
pub struct Comparison {
    /// The sides; the first is what the others are compared with.
    pub sides: Vec<Side>,
    /// The names of the hyperparameters in which they differ.
    pub settings: Vec<String>,
    /// The score by which the first run ranks.
    pub rank_by: String,
    /// The scores that all runs have.
    scores: Vec<String>,
    /// Why the sides were not trained on the same rows, where they were not: then nothing is paired.
    pub apart: Option<String>,
    /// The families of each run, the first side's first; none where no run has several.
    pub families: Vec<RunFamilies>,
    /// Rows held out for each that is trained on.
    held_out: f64,
}

impl Comparison {
    /// What the scores of [`PartScores::NAMES`] are called, in that order.
    const TITLES: [&str; 5] = ["loss", "accuracy", "macro F1", "macro recall (sensitivity)", "MCC"];

    /// Compares what `names` name: two sides or more, or the variants of one run.
    ///
    /// # Errors
    /// [`ReportError`] where a run cannot be read, or has no such trial or variant.
    pub fn of(names: &[SideName]) -> Result<Self, ReportError> {
        let (sides, records) = sides::read(names)?;
        let families = families::read(names, &sides, &records)?;
        let settings = sides::varied(&sides);
        let apart = records.iter().skip(1).find_map(|other| apart(&records[0], other));
        let held_out = held_out(&records[0]);
        let rank_by = records[0].rank_by.clone();
        let same = records.iter().all(|record| record.rank_by == rank_by);
        let scores = if same {
            ScoreColumns::named(&rank_by).names().map(str::to_owned).collect()
        } else {
            PartScores::NAMES.map(str::to_owned).to_vec()
        };
        Ok(Self { sides, settings, rank_by, scores, apart, families, held_out })
    }

    /// The part whose scores are told apart: test rows, or validation rows where a side has no others.
    pub fn judged(&self) -> Part {
        let lacks_test = |side: &Side| side.mean(Part::Test, 0).is_nan();
        if self.sides.iter().any(lacks_test) { Part::Valid } else { Part::Test }
    }

    /// How far a side's score on a part lies from the first side's, over the seeds and folds of both;
    /// `score` is a place in [`Comparison::titles`].
    pub fn difference(&self, side: &Side, part: Part, score: usize) -> Option<Difference> {
        let first = self.sides.first().filter(|_| self.apart.is_none())?;
        let (theirs, ours) = first.paired(side, part, score);
        Difference::new(&ours, &theirs, if self.has_folds() { self.held_out } else { 0.0 })
    }

    /// Whether the sides were trained on several folds.
    pub fn has_folds(&self) -> bool {
        self.sides.iter().flat_map(Side::folds).any(|fold| fold > 0)
    }

    /// How many seeds and folds a side has in common with the first.
    pub fn pairs(&self, side: &Side) -> usize {
        self.sides.first().map_or(0, |first| first.paired(side, Part::Train, 0).0.len())
    }

    /// A side's values of the hyperparameters in which it differs from the first, as `dropout 0.1`; of
    /// another family, those that this family has.
    pub fn differing(&self, side: &Side) -> Vec<String> {
        let first = |name: &str| self.sides.first().and_then(|first| first.settings.get(name));
        let same_family = self.sides.first().is_some_and(|first| first.family() == side.family());
        let has = |name: &String| {
            same_family || side.settings.get(name).is_some_and(|value| !value.is_empty())
        };
        let differ = self.settings.iter().filter(|name| side.settings.get(*name) != first(name));
        let differ = differ.filter(|name| has(name));
        let differ = differ.map(|name| {
            let value = side.settings.get(name).map_or("-", String::as_str);
            format!("{name} {value}")
        });
        differ.collect()
    }

    /// What the differences stand on.
    pub fn notes(&self) -> Vec<String> {
        if let Some(apart) = &self.apart {
            return vec![format!(
                "{apart}: nothing is compared pair by pair, the means alone are shown"
            )];
        }
        let pairs = || self.sides.iter().skip(1).map(|side| self.pairs(side));
        let (least, most) = (pairs().min().unwrap_or(0), pairs().max().unwrap_or(0));
        let shown = if least < most { format!("{least} to {most}") } else { most.to_string() };
        let on = match (least, self.has_folds()) {
            (0, _) => {
                return vec![
                    "the sides have no seed and fold in common: nothing is compared".to_owned(),
                ];
            }
            (1, _) => {
                return vec![
                    "one training of each side tells of no noise: give the grid more seeds, or folds"
                        .to_owned(),
                ];
            }
            (_, true) => format!(
                "in brackets the 95 % interval over {shown} pairs of equal seed and fold (Nadeau and Bengio's \
                 corrected t-test: folds share rows)"
            ),
            (_, false) => format!(
                "in brackets the 95 % interval over {shown} pairs of equal seed: it holds the noise of the first \
                 weights and the order of the rows; what other rows would change only folds tell"
            ),
        };
        let chosen = format!(
            "each side is its best by {} on validation rows; test rows chose nothing",
            self.rank_by
        );
        let mut notes = vec![on, chosen];
        if self.sides.iter().any(Side::is_seeded) && !self.sides.iter().all(Side::is_seeded) {
            let text = "a family without a seed is compared fold by fold with the other's means over its seeds";
            notes.push(text.to_owned());
        }
        notes
    }

    /// What the scores are called that all runs have.
    pub fn titles(&self) -> impl ExactSizeIterator<Item = &str> {
        let title = |(place, name)| Self::TITLES.get(place).copied().unwrap_or(name);
        self.scores.iter().map(String::as_str).enumerate().map(title)
    }

    /// The place in [`Comparison::titles`] of the score by which the first run ranks; that of macro F1
    /// where the others do not have it.
    pub fn ranked_by(&self) -> usize {
        let score = self.rank_by.strip_prefix("valid_").unwrap_or(&self.rank_by);
        let place = |wanted: &str| self.scores.iter().position(|name| name == wanted);
        place(score).or_else(|| place("macro_f1")).unwrap_or(0)
    }
}

/// In what two runs' rows differ, if they do.
fn apart(one: &RunRecord, other: &RunRecord) -> Option<String> {
    const SAME: [(&str, &str); 6] = [
        ("/data/sha256", "the table"),
        ("/data/tables", "the auxiliary tables"),
        ("/data/target", "the target"),
        ("/seed", "the seed"),
        ("/grid/split", "the split"),
        ("/split", "the rows of the parts"),
    ];
    let value = |record: &RunRecord, pointer: &str| {
        let (key, rest) = pointer[1..].split_once('/').unwrap_or((&pointer[1..], ""));
        let value = record.rest.get(key)?;
        if rest.is_empty() { Some(value.clone()) } else { value.get(rest).cloned() }
    };
    let differs = SAME.iter().find(|(pointer, _)| value(one, pointer) != value(other, pointer));
    differs.map(|(_, what)| format!("{} and {} differ in {what}", one.name, other.name))
}

/// Rows that are validated on for each that is trained on.
fn held_out(record: &RunRecord) -> f64 {
    let rows = |part: &str| record.rest.get("split")?.get(part)?.as_f64();
    match (rows("valid"), rows("train")) {
        (Some(valid), Some(train)) if train > 0.0 => valid / train,
        _ => 0.0,
    }
}
