//! Out-of-fold predictions of the trials that final models may be made of, kept while the sweep runs:
//! otherwise these trials would have to be trained again for them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::run::TrialResult;
use crate::metrics::Score;
use crate::spec::Family;

/// How many trials final models may be made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Candidates {
    /// The best of all trials,
    pub overall: usize,
    /// and the best of each family.
    pub of_family: usize,
}

/// The log-probabilities that a trial's models predict of the validation rows of all folds, in their order,
/// `[rows, classes]`, by the number of the trial.
pub type OutOfFold = BTreeMap<usize, Vec<f64>>;

/// The predictions of the best trials so far.
#[derive(Debug)]
pub(super) struct Kept {
    candidates: Candidates,
    held: Mutex<OutOfFold>,
}

impl Candidates {
    /// Whether a trial is one of them, among these results.
    fn take(self, one: &TrialResult, results: &[TrialResult], rank_by: Score) -> bool {
        let better = || results.iter().filter(|other| other.beats(one, rank_by));
        let of_family = |other: &&TrialResult| other.trial.family() == one.trial.family();
        better().count() < self.overall || better().filter(of_family).count() < self.of_family
    }

    /// The most bytes that their predictions take, of so many trials, of which each predicts so many numbers.
    fn bytes(self, trials: usize, numbers: usize) -> f64 {
        let most = self.overall as f64 + self.of_family as f64 * Family::ALL.len() as f64;
        most.min(trials as f64) * numbers as f64 * size_of::<f64>() as f64
    }
}

impl Kept {
    pub fn new(candidates: Candidates) -> Self {
        Self { candidates, held: Mutex::default() }
    }

    /// Room for the predictions of `candidates` among so many trials, of which each predicts so many numbers, and
    /// the bytes that it takes: none at all where they would be more than a quarter of `memory`.
    pub fn within(
        memory: f64,
        candidates: Candidates,
        trials: usize,
        numbers: usize,
    ) -> (Self, f64) {
        let bytes = candidates.bytes(trials, numbers);
        if bytes > memory / 4.0 {
            return (Self::new(Candidates::default()), 0.0);
        }
        (Self::new(candidates), bytes)
    }

    /// Whether the predictions of a trial are to be kept, as far as is known by now: later it can only fall behind.
    pub fn wants(&self, number: usize, results: &[TrialResult], rank_by: Score) -> bool {
        let known = results.iter().find(|result| result.trial.number == number);
        let is_candidate =
            |one: &TrialResult| one.scores.is_some() && self.candidates.take(one, results, rank_by);
        self.candidates != Candidates::default() && known.is_some_and(is_candidate)
    }

    /// Keeps the predictions of a trial, and drops those that are no longer wanted.
    pub fn keep(&self, number: usize, logs: Vec<f64>, results: &[TrialResult], rank_by: Score) {
        let mut held = self.lock();
        held.insert(number, logs);
        held.retain(|&number, _| self.wants(number, results, rank_by));
    }

    pub fn into_inner(self) -> OutOfFold {
        self.held.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, OutOfFold> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::path::Path;

    use super::*;
    use crate::spec;
    use crate::sweep::{Status, trials};
    use crate::train::PartScores;

    const GRID: &str = r#"{
        "name": "kept", "data": {"source": {"file": "x.csv"}, "target": "y"},
        "variants": {
            "forest": {"family": "random_forest", "grid": {"n_estimators": [1, 2, 3, 4]}},
            "near": {"family": "knn", "grid": {"n_neighbors": [1, 5]}}
        }
    }"#;

    /// Trials of these losses on validation rows, ended in the order of their numbers: 4 forests, then 2 of
    /// neighbours. `None` diverged.
    fn kept(overall: usize, of_family: usize, losses: [Option<f64>; 6]) -> Vec<usize> {
        let trials = trials(&spec::parse(Path::new("x.json"), GRID).unwrap().file);
        let kept = Kept::new(Candidates { overall, of_family });
        let mut results = Vec::new();
        for (trial, loss) in trials.into_iter().zip(losses) {
            let number = trial.number;
            let of = |loss| [PartScores { loss, ..PartScores::default() }; 3];
            results.push(TrialResult {
                trial,
                status: if loss.is_some() { Status::Finished } else { Status::Diverged(1) },
                best_epoch: None,
                epochs_trained: None,
                scores: loss.map(of),
                folds: Vec::new(),
                elapsed_s: 0.0,
            });
            if kept.wants(number, &results, Score::Loss) {
                kept.keep(number, Vec::new(), &results, Score::Loss);
            }
        }
        kept.into_inner().into_keys().collect()
    }

    #[test]
    fn the_best_of_all_and_of_each_family_are_kept_whatever_came_first() {
        let falling = [0.6, 0.5, 0.4, 0.3, 0.9, 0.8].map(Some);
        assert_eq!(kept(2, 0, falling), [2, 3]);
        assert_eq!(kept(2, 1, falling), [2, 3, 5]);
        assert_eq!(kept(0, 1, falling), [3, 5]);
        let rising = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6].map(Some);
        assert_eq!(kept(2, 1, rising), [0, 1, 4]);
    }

    #[test]
    fn predictions_take_a_quarter_of_the_memory_at_most() {
        let candidates = Candidates { overall: 2, of_family: 0 };
        let room = |memory, candidates, trials| {
            let (kept, bytes) = Kept::within(memory, candidates, trials, 10);
            (kept.candidates, bytes)
        };
        assert_eq!(room(640.0, candidates, 9), (candidates, 160.0));
        assert_eq!(room(639.0, candidates, 9), (Candidates::default(), 0.0));
        // There are never more predictions than trials, however many a grid file asks for.
        let all = Candidates { overall: usize::MAX, of_family: usize::MAX };
        assert_eq!(room(640.0, all, 2), (all, 160.0));
    }

    #[test]
    fn nothing_is_kept_of_trials_that_diverged_or_where_no_model_is_asked_for() {
        assert_eq!(kept(3, 3, [None, Some(0.2), None, Some(0.1), None, None]), [1, 3]);
        assert_eq!(kept(0, 0, [Some(0.1); 6]), [0; 0]);
    }
}
