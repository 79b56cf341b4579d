//! Configurations: trials that differ only in the seed, taken together.

use std::cmp::Ordering;

use indexmap::IndexMap;

use super::run::{Status, TrialResult, by_part};
use super::trials::Columns;
use crate::metrics::{ByTraining, Score};
use crate::spec::Family;
use crate::train::PartScores;

/// Trials that have ended and differ only in the seed, by number; one at least.
#[derive(Debug, Clone)]
pub struct Configuration<'a> {
    first: &'a TrialResult,
    others: Vec<&'a TrialResult>,
}

impl<'a> Configuration<'a> {
    /// Its trials.
    pub fn results(&self) -> impl Iterator<Item = &'a TrialResult> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    /// The least number of its trials.
    pub fn number(&self) -> usize {
        self.first.trial.number
    }

    /// The family.
    pub fn family(&self) -> Family {
        self.first.trial.family()
    }

    /// Its settings but the seed, in the order of `columns`.
    pub fn settings(&self, columns: &Columns) -> Vec<String> {
        columns.values_but_seed(&self.first.trial)
    }

    /// How many trials it has.
    pub fn trials(&self) -> usize {
        1 + self.others.len()
    }

    /// How many of them finished.
    pub fn finished(&self) -> usize {
        self.results().filter(|result| result.status == Status::Finished).count()
    }

    /// The scores of those that finished, one entry a trial and fold.
    pub fn scores(&self) -> Vec<[PartScores; 3]> {
        self.results().flat_map(|result| result.folds.iter().copied()).collect()
    }

    /// One score of a part of those that finished, by seed and fold.
    pub fn by_training(&self, score: impl Fn(&[PartScores; 3]) -> f64) -> ByTraining<u64> {
        let of_trial = |result: &'a TrialResult| {
            let seed = result.trial.recipe().seed();
            (0..).zip(&result.folds).map(move |(fold, parts)| ((seed, fold), parts))
        };
        self.results().flat_map(of_trial).map(|(key, parts)| (key, score(parts))).collect()
    }

    /// Mean seconds of one training, a trial on one fold; `None` where none finished.
    pub fn seconds(&self) -> Option<f64> {
        let trainings: usize = self.results().map(|result| result.folds.len()).sum();
        let finished = self.results().filter(|result| !result.folds.is_empty());
        let seconds: f64 = finished.map(|result| result.elapsed_s).sum();
        (trainings > 0).then(|| seconds / trainings as f64)
    }

    /// The means on validation rows, which rank it; `None` where one of its trials did not finish, since
    /// those that did may owe it to their seeds.
    pub fn ranked(&self) -> Option<PartScores> {
        (self.finished() == self.trials()).then(|| self.valid())
    }

    /// The means on validation rows of the trials that finished.
    fn valid(&self) -> PartScores {
        let [_, valid, _] = by_part(&self.scores(), PartScores::mean);
        valid
    }
}

/// All configurations: best mean first, then those with a trial that did not finish, by number.
pub fn configurations<'a>(
    results: &'a [TrialResult],
    columns: &Columns,
    rank_by: Score,
) -> Vec<Configuration<'a>> {
    let mut by_number: Vec<&TrialResult> = results.iter().collect();
    by_number.sort_by_key(|result| result.trial.number);
    let mut all: IndexMap<Vec<String>, Configuration> = IndexMap::new();
    for result in by_number {
        let settings = columns.values_but_seed(&result.trial);
        match all.entry(settings) {
            indexmap::map::Entry::Occupied(mut found) => found.get_mut().others.push(result),
            indexmap::map::Entry::Vacant(place) => {
                place.insert(Configuration { first: result, others: Vec::new() });
            }
        }
    }
    let ranked = all.into_values().map(|one| (one.ranked(), one));
    let mut ranked: Vec<(Option<PartScores>, Configuration)> = ranked.collect();
    ranked.sort_by(|(ours, one), (theirs, other)| {
        let order = match (ours, theirs) {
            (Some(ours), Some(theirs)) => by_mean(ours, theirs, rank_by),
            _ => theirs.is_some().cmp(&ours.is_some()),
        };
        order.then(one.number().cmp(&other.number()))
    });
    ranked.into_iter().map(|(_, one)| one).collect()
}

/// The best configuration of every family in which a trial finished, best first. A configuration whose
/// trials all finished goes before one that lost a trial; of those that did, the one with more trainings
/// is the better, then the better mean of the trainings that it has.
pub fn best_of_families<'a>(
    results: &'a [TrialResult],
    columns: &Columns,
    rank_by: Score,
) -> Vec<Configuration<'a>> {
    let mut ordered = configurations(results, columns, rank_by);
    ordered.retain(|one| one.finished() > 0);
    let strength = |one: &Configuration| {
        let is_whole = one.finished() == one.trials();
        (is_whole, if is_whole { 0 } else { one.scores().len() })
    };
    // Stable: whole ones are in their order already.
    ordered.sort_by(|one, other| {
        let lost = strength(other).cmp(&strength(one));
        lost.then_with(|| by_mean(&one.valid(), &other.valid(), rank_by))
    });
    let mut seen = Vec::new();
    ordered.retain(|one| {
        let is_new = !seen.contains(&one.family());
        seen.push(one.family());
        is_new
    });
    ordered
}

/// The better mean first.
fn by_mean(ours: &PartScores, theirs: &PartScores, rank_by: Score) -> Ordering {
    theirs.beats(ours, rank_by).cmp(&ours.beats(theirs, rank_by))
}

#[cfg(test)]
mod tests;
