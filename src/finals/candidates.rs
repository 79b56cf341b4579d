//! The trials that final models are made of.

use std::collections::BTreeMap;

use super::{FinalModelsError, Stage};
use crate::ensemble;
use crate::spec::{Calibration, Family, FinalModel, Greedy};
use crate::sweep::{self, Candidates, Outcome, Trained, Trial, TrialResult};

/// A trial with what its models of the folds predict of rows that they were not trained on.
pub(super) struct Candidate<'a> {
    pub result: &'a TrialResult,
    /// Whether the ensemble may take it.
    pub is_averaged: bool,
    /// Whether the stacked model takes it.
    pub is_stacked: bool,
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

/// A trial that final models may take, and which of them.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    result: &'a TrialResult,
    is_averaged: bool,
    is_stacked: bool,
}

impl Wanted<'_> {
    /// The number of the trial.
    pub fn number(&self) -> usize {
        self.result.trial.number
    }
}

/// The trials that final models may take, best first: the winner, for an ensemble the best of all and of
/// each family, for a stacked model the best of each family.
pub fn choose<'a>(outcome: &'a Outcome, wanted: &FinalModel) -> Vec<Wanted<'a>> {
    let (most, least) = wanted.ensemble.as_ref().map_or((0, 0), counts);
    let stacked = stacked(wanted);
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

/// How many trials final models may be made of, which are those that [`choose`] gives.
pub fn candidates(wanted: &FinalModel) -> Candidates {
    if wanted.is_plain() {
        return Candidates::default();
    }
    let (overall, of_family) = wanted.ensemble.as_ref().map_or((0, 0), counts);
    Candidates { overall: overall.max(1), of_family: of_family.max(stacked(wanted)) }
}

/// The best of how many trials an ensemble may take, and of how many of each family at least.
fn counts(greedy: &Greedy) -> (usize, usize) {
    (greedy.candidates.get() as usize, greedy.candidates_per_family as usize)
}

/// How many trials of each family a stacked model takes.
fn stacked(wanted: &FinalModel) -> usize {
    wanted.stacked.as_ref().map_or(0, |stacked| stacked.candidates_per_family.get() as usize)
}

impl Stage<'_> {
    /// The best trials, with their predictions; `labels` are those of the validation rows.
    pub(super) fn candidates<'o>(
        &self,
        outcome: &'o Outcome,
        labels: &[u32],
    ) -> Result<Vec<Candidate<'o>>, FinalModelsError> {
        let wanted = choose(outcome, self.wanted());
        let logs = self.predictions(outcome, &wanted)?;
        let classes = self.prepared.classes.len();
        let candidate = |(wanted, logs): (Wanted<'o>, Option<Vec<f64>>)| {
            let logs = logs?;
            let Wanted { result, is_averaged, is_stacked } = wanted;
            let temperature = match self.wanted().calibration {
                Calibration::Temperature => ensemble::temperature(labels, &logs, classes),
                Calibration::None => 1.0,
            };
            Some(Candidate { result, is_averaged, is_stacked, logs, temperature })
        };
        Ok(wanted.into_iter().zip(logs).filter_map(candidate).collect())
    }

    /// What each trial predicts of the validation rows of all folds: as the sweep kept it, or from models that are
    /// trained again. `None` for a network that diverges then: in a pack of its own libtorch's may, though it did
    /// not among others.
    fn predictions(
        &self,
        outcome: &Outcome,
        wanted: &[Wanted<'_>],
    ) -> Result<Vec<Option<Vec<f64>>>, FinalModelsError> {
        let Self { engine, prepared, settings, stop, .. } = *self;
        let trials = wanted.iter().map(|wanted| &wanted.result.trial);
        let missing: Vec<&Trial> = trials
            .clone()
            .filter(|trial| !outcome.out_of_fold.contains_key(&trial.number))
            .collect();
        let mut again =
            sweep::retrain(&settings.context(engine, stop), &missing, settings)?.into_iter();
        let of_trial = |trial: &Trial| {
            if let Some(kept) = outcome.out_of_fold.get(&trial.number) {
                return Ok(Some(kept.clone()));
            }
            let folds = again.next().filter(|folds| folds.len() == settings.data.count());
            let Some(folds) = folds else { return Ok(None) };
            let of_fold = |(fold, trained): (usize, &Trained)| {
                let (rows, _) = prepared.at(trial.preparation, Some(fold));
                trained.fitted.log_probabilities(engine, &rows.valid.features)
            };
            let logs: Vec<_> = folds.iter().enumerate().map(of_fold).collect::<Result<_, _>>()?;
            Ok(Some(logs.concat()))
        };
        trials.map(of_trial).collect()
    }
}
