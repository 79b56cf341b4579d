//! The columns of scores, of every table that has them.

use crate::spec::RankBy;
use crate::train::PartScores;

/// The scores that every table has, and the one that ranks where it is none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreColumns {
    names: Vec<String>,
    ranked: String,
}

impl ScoreColumns {
    /// The columns of a run that is ranked so.
    pub fn of(rank_by: &RankBy) -> Self {
        Self::named(&rank_by.name())
    }

    /// The columns of a run that is ranked by [`RankBy::name`].
    pub fn named(rank_by: &str) -> Self {
        let mut names = PartScores::NAMES.map(str::to_owned).to_vec();
        let ranked = rank_by.strip_prefix("valid_").unwrap_or(rank_by);
        if !names.iter().any(|name| name == ranked) {
            names.push(ranked.to_owned());
        }
        Self { names, ranked: ranked.to_owned() }
    }

    /// The names, without the part of the rows.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The name of the ranking score.
    pub fn ranked(&self) -> &str {
        &self.ranked
    }

    /// The place of the ranking score among the names.
    pub fn place(&self) -> usize {
        self.names.iter().position(|name| *name == self.ranked).unwrap_or(0)
    }

    /// A part's scores in the order of the names; empty cells where it has no rows.
    pub(super) fn cells(&self, scores: &PartScores) -> Vec<String> {
        let has_rows = !scores.accuracy.is_nan();
        let values = scores.values();
        let cell = |(place, value): (usize, f64)| {
            // A score that ranks may be one that the rows cannot tell.
            let is_known = has_rows && (place < PartScores::NAMES.len() || !value.is_nan());
            if is_known { (value as f32).to_string() } else { String::new() }
        };
        values.into_iter().enumerate().take(self.names.len()).map(cell).collect()
    }

    /// As many empty cells.
    pub(super) fn blanks(&self) -> impl Iterator<Item = String> + use<> {
        std::iter::repeat_n(String::new(), self.names.len())
    }
}
