//! The trials that final models are made of.

use std::collections::BTreeMap;

use super::{FinalModelsError, Stage};
use crate::ensemble;
use crate::spec::{Calibration, Family, FinalModel};
use crate::sweep::{self, Outcome, Trained, TrialResult};

/// A trial with its models on the folds, and their predictions for rows that they were not trained on.
pub(super) struct Candidate<'a> {
    pub result: &'a TrialResult,
    /// Whether the ensemble may take it.
    pub is_averaged: bool,
    /// Whether the stacked model takes it.
    pub is_stacked: bool,
    pub folds: Vec<Trained>,
    /// Log-probabilities of the validation rows of all folds, `[rows, classes]`.
    pub logs: Vec<f64>,
    /// The temperature that calibrates them, where the grid file asks for calibration; else 1.
    pub temperature: f64,
}

impl Candidate<'_> {
    /// Probabilities of the validation rows of all folds, calibrated, `[rows, classes]`.
    pub fn calibrated(&self, classes: usize) -> Vec<f32> {
        let logs = ensemble::tempered(self.logs.clone(), classes, self.temperature);
        logs.into_iter().map(|log| log.exp() as f32).collect()
    }

    /// For how many rounds it is trained anew: those that were its best, where they are a budget.
    /// Rounds that are no budget are what the model is made of, and it has all of them.
    pub fn rounds(&self) -> u32 {
        let recipe = self.result.trial.recipe();
        let best = self.result.best_epoch.filter(|_| recipe.picks_round());
        best.unwrap_or(recipe.rounds())
    }
}

/// A trial to retrain, and what for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    result: &'a TrialResult,
    is_averaged: bool,
    is_stacked: bool,
}

/// The trials that final models may take, best first: the winner, for an ensemble the best of all and of
/// each family, for a stacked model the best of each family.
pub fn choose<'a>(outcome: &'a Outcome, wanted: &FinalModel) -> Vec<Wanted<'a>> {
    let (most, least) = wanted.ensemble.as_ref().map_or((0, 0), |greedy| {
        (greedy.candidates.get() as usize, greedy.candidates_per_family as usize)
    });
    let stacked = wanted.stacked.as_ref();
    let stacked = stacked.map_or(0, |stacked| stacked.candidates_per_family.get() as usize);
    let mut of_family: BTreeMap<Family, usize> = BTreeMap::new();
    let finished = outcome.results.iter().filter(|result| result.scores.is_some());
    let asked = finished.enumerate().filter_map(|(place, result)| {
        let count = of_family.entry(result.trial.family()).or_default();
        *count += 1;
        let is_averaged = place < most || *count <= least;
        let is_stacked = *count <= stacked;
        let is_wanted = place == 0 || is_averaged || is_stacked;
        is_wanted.then_some(Wanted { result, is_averaged, is_stacked })
    });
    asked.collect()
}

impl Stage<'_> {
    /// The best trials, trained again for their models; `labels` are those of the validation rows.
    pub(super) fn candidates<'o>(
        &self,
        outcome: &'o Outcome,
        labels: &[u32],
    ) -> Result<Vec<Candidate<'o>>, FinalModelsError> {
        let Self { engine, prepared, settings, stop, .. } = *self;
        let classes = prepared.classes.len();
        let wanted = choose(outcome, self.wanted());
        let trials: Vec<_> = wanted.iter().map(|wanted| &wanted.result.trial).collect();
        let cx = settings.context(engine, stop);
        let trained = sweep::retrain(&cx, &trials, settings)?;
        let candidate = |(wanted, folds): (Wanted<'o>, Vec<Trained>)| {
            let Wanted { result, is_averaged, is_stacked } = wanted;
            let mut logs = Vec::new();
            for (fold, trained) in folds.iter().enumerate() {
                let (rows, _) = prepared.at(result.trial.preparation, Some(fold));
                logs.extend(trained.fitted.log_probabilities(engine, &rows.valid.features)?);
            }
            let temperature = match self.wanted().calibration {
                Calibration::Temperature => ensemble::temperature(labels, &logs, classes),
                Calibration::None => 1.0,
            };
            Ok(Candidate { result, is_averaged, is_stacked, folds, logs, temperature })
        };
        // A network of libtorch's may diverge in a pack of its own that did not among others.
        let whole = |(_, folds): &(Wanted<'_>, Vec<Trained>)| folds.len() == settings.data.count();
        wanted.into_iter().zip(trained).filter(whole).map(candidate).collect()
    }
}
