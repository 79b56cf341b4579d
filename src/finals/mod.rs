//! Final models, made once all trials have ended: the key `model` of the grid file.
//!
//! What the best trials predict of rows that they were not trained on chooses the members of the ensemble, the
//! coefficients of the stacked model, temperature and thresholds; test rows choose nothing. Then the trials that
//! were chosen are trained again for their models.

mod candidates;
mod folder;
mod saved;

use serde_json::{Map, Value, json};

pub use candidates::{candidates, choose};
pub use saved::{Place, Predictions, SavedModel, as_trained, rows_of};

use crate::engine::torch::Placement;
use crate::engine::{self, Engine, EngineChoice, EngineError};
use crate::ensemble::{self, Decision, StackedRows, Stacker};
use crate::families::{Dataset, FitError, UnknownClass};
use crate::logistic::LogisticError;
use crate::metrics::{MetricsError, Score};
use crate::model::{Ensemble, Member, Model};
use crate::prepare::Prepared;
use crate::record::RunFile;
use crate::spec::{Calibration, FinalModel, Positive};
use crate::sweep::{self, Outcome, RetrainError, Settings, Trained, Trial};
use candidates::Candidate;
use saved::{facts, model, predictions};

/// Parts of the validation rows, where there are no folds to cross-validate a stacked model over.
const PARTS: usize = 5;

/// Why the final models cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum FinalModelsError {
    /// A trial cannot be trained again.
    #[error(transparent)]
    Retrain(#[from] RetrainError),
    /// A model cannot predict.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// The engine for all train and validation rows is not available.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Predictions do not fit the classes.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// A class weight is of a class that does not exist.
    #[error(transparent)]
    Class(#[from] UnknownClass),
    /// The stacked model cannot be fitted.
    #[error(
        "model.stacked: {0} on the validation rows that it is fitted to: take folds or a stratified split, or \
         take the key out"
    )]
    Stacking(#[from] LogisticError),
}

/// A run whose trials have ended.
pub struct Stage<'a> {
    /// Trained the trials.
    pub engine: &'a dyn Engine,
    /// The choice of an engine for other rows.
    pub choice: EngineChoice,
    /// The devices to train on.
    pub placement: &'a Placement,
    /// The rows.
    pub prepared: &'a Prepared,
    /// How trials are trained.
    pub settings: &'a Settings<'a>,
    /// All trials of the grid.
    pub trials: &'a [Trial],
    /// Once it is set, training ends.
    pub stop: &'a std::sync::atomic::AtomicBool,
    /// The run, with what is asked for.
    pub file: &'a RunFile,
    /// The score that selects the models of an ensemble, if one is asked for.
    pub ensemble_score: Option<Score>,
}

/// The models of a run.
pub struct FinalModels {
    /// The winner's.
    pub best: SavedModel,
    /// The mean of several trials' models, where one is asked for.
    pub ensemble: Option<SavedModel>,
    /// The families' best, combined by a regression, where that is asked for.
    pub stacked: Option<SavedModel>,
}

/// A candidate that a final model takes, with its models.
struct Chosen<'a> {
    candidate: &'a Candidate<'a>,
    /// How often the ensemble takes it.
    count: usize,
    /// Its model, or those of all folds.
    models: Vec<Model>,
}

/// Makes the final models; `None` where no trial has a model on every fold.
///
/// # Errors
/// [`FinalModelsError`].
pub fn make(stage: &Stage<'_>, outcome: &Outcome) -> Result<Option<FinalModels>, FinalModelsError> {
    let labels = stage.valid_labels();
    let candidates = stage.candidates(outcome, &labels)?;
    let Some(winner) = candidates.first() else { return Ok(None) };
    let counts = stage.select(&candidates, &labels)?;
    let is_taken = |candidate: &Candidate<'_>, count: usize| {
        count > 0 || candidate.is_stacked || candidate.result.trial == winner.result.trial
    };
    let taken = candidates.iter().zip(counts).filter(|(one, count)| is_taken(one, *count));
    let (taken, counts): (Vec<&Candidate>, Vec<usize>) = taken.unzip();
    let models = stage.models(&taken)?;
    let chosen = taken.into_iter().zip(counts).zip(models);
    let chosen: Vec<Chosen> =
        chosen.map(|((candidate, count), models)| Chosen { candidate, count, models }).collect();
    let judge = Judge { stage, labels };
    let stacked = match &stage.wanted().stacked {
        None => None,
        Some(wanted) => judge.stacked(&chosen, wanted.c.map(Positive::get))?,
    };
    let ensemble = stage.ensemble_score.and_then(|_| judge.ensemble(&chosen));
    Ok(judge.best(&chosen[0]).map(|best| FinalModels { best, ensemble, stacked }))
}

impl<'a> Stage<'a> {
    fn wanted(&self) -> &'a FinalModel {
        &self.file.grid.model
    }

    /// The labels of the validation rows of all folds.
    fn valid_labels(&self) -> Vec<u32> {
        let folds = 0..self.settings.data.count();
        let of_fold = |fold: usize| self.prepared.at(0, Some(fold)).0.valid.labels.iter();
        folds.flat_map(of_fold).copied().collect()
    }

    /// How often the ensemble takes each candidate.
    fn select(
        &self,
        candidates: &[Candidate<'_>],
        labels: &[u32],
    ) -> Result<Vec<usize>, MetricsError> {
        let none = vec![0; candidates.len()];
        let (Some(greedy), Some(score)) = (&self.wanted().ensemble, self.ensemble_score) else {
            return Ok(none);
        };
        let places: Vec<usize> =
            (0..candidates.len()).filter(|&place| candidates[place].is_averaged).collect();
        let classes = self.prepared.classes.len();
        let said: Vec<Vec<f32>> =
            places.iter().map(|&place| candidates[place].calibrated(classes)).collect();
        let found = ensemble::select(&said, labels, classes, (score, greedy.size.get() as usize))?;
        let mut counts = none;
        places.into_iter().zip(found).for_each(|(place, count)| counts[place] = count);
        Ok(counts)
    }

    /// The models to keep of each trial.
    fn models(&self, taken: &[&Candidate<'_>]) -> Result<Vec<Vec<Model>>, FinalModelsError> {
        let (wanted, rank_by) = (self.wanted(), self.settings.rank_by);
        if !wanted.refit {
            let trials: Vec<_> = taken.iter().map(|one| &one.result.trial).collect();
            let cx = self.settings.context(self.engine, self.stop);
            let trained = sweep::retrain(&cx, &trials, self.settings)?;
            let of_trial = |(trial, folds): (&Trial, Vec<Trained>)| {
                if folds.len() < self.settings.data.count() {
                    return Err(RetrainError::Diverged { trial: trial.number }.into());
                }
                let folds = folds.into_iter().enumerate();
                let kept: Vec<_> = if wanted.bagged {
                    folds.collect()
                } else {
                    let best = folds.reduce(|one, other| {
                        if other.1.valid.beats(&one.1.valid, rank_by) { other } else { one }
                    });
                    best.into_iter().collect()
                };
                let of_fold = |(fold, trained): (usize, Trained)| {
                    let place = (Place::Fold(fold), trained.epoch);
                    model(trial, trained.fitted, place, self.prepared, self.file)
                };
                Ok(kept.into_iter().map(of_fold).collect())
            };
            return trials.into_iter().zip(trained).map(of_trial).collect();
        }
        let folds: Vec<_> = self.prepared.whole.iter().map(|(fold, _)| fold.clone()).collect();
        let data = Dataset::new(&folds, 1, &self.prepared.classes, &self.file.grid)?;
        let whole = Settings { data, ..self.settings.clone() };
        let engine = engine::choose(self.choice, self.placement, &folds)?;
        let trials: Vec<_> = taken.iter().map(|one| (&one.result.trial, one.rounds())).collect();
        let fitted = sweep::refit(&whole.context(engine.as_ref(), self.stop), &trials, &whole)?;
        let models = trials.into_iter().zip(fitted).map(|((trial, rounds), fitted)| {
            vec![model(trial, fitted, (Place::Whole, rounds), self.prepared, self.file)]
        });
        Ok(models.collect())
    }
}

/// Chooses by the predictions of trials for validation rows.
struct Judge<'a> {
    stage: &'a Stage<'a>,
    /// The labels of the validation rows of all folds.
    labels: Vec<u32>,
}

impl Judge<'_> {
    /// The decision chosen on validation rows.
    fn decision(&self, logs: &[f64]) -> Decision {
        let classes = &self.stage.prepared.classes;
        let wanted = self.stage.wanted();
        let mut decision = Decision::default();
        if wanted.calibration == Calibration::Temperature {
            decision.temperature = ensemble::temperature(&self.labels, logs, classes.len());
        }
        let calibrated = decision.tempered(logs.to_vec(), classes.len());
        let calibrated: Vec<f64> = calibrated.into_iter().map(f64::exp).collect();
        decision.thresholds =
            ensemble::thresholds(&wanted.thresholds, &self.labels, &calibrated, classes);
        decision
    }

    /// The winner's model, or the mean of its fold models.
    fn best(&self, winner: &Chosen<'_>) -> Option<SavedModel> {
        let logs = &winner.candidate.logs;
        let first = &winner.models.first()?.description.provenance;
        let place = first.fold.map_or(Place::Whole, Place::Fold);
        let mut facts = facts(&winner.candidate.result.trial, place, first.epoch);
        if let [_, _, ..] = winner.models.as_slice() {
            // They are of all folds, each with its own best round.
            facts.insert("fold".to_owned(), Value::Null);
            facts.insert("epoch".to_owned(), winner.candidate.rounds().into());
            facts.insert("bagged".to_owned(), winner.models.len().into());
        }
        let model = Ensemble::mean(winner.members(0, 1.0, 1.0), self.decision(logs))?;
        Some(self.saved(model, facts, logs.clone()))
    }

    /// The mean of the models that were selected.
    fn ensemble(&self, chosen: &[Chosen<'_>]) -> Option<SavedModel> {
        let taken: Vec<&Chosen> = chosen.iter().filter(|one| one.count > 0).collect();
        let total: usize = taken.iter().map(|one| one.count).sum();
        let share = |one: &Chosen| one.count as f64 / total as f64;
        // What is calibrated alone is calibrated by the decision, as the winner is.
        let temperature =
            |one: &Chosen| if taken.len() > 1 { one.candidate.temperature } else { 1.0 };
        let members: Vec<Member> =
            taken.iter().flat_map(|one| one.members(0, share(one), temperature(one))).collect();
        let classes = self.stage.prepared.classes.len();
        let logs = match taken.as_slice() {
            // Not even rounded.
            [alone] => alone.candidate.logs.clone(),
            several => {
                let weighted =
                    several.iter().map(|one| (share(one), one.candidate.calibrated(classes)));
                ensemble::mean(&weighted.collect::<Vec<_>>())
            }
        };
        let facts = listed(&members, |_| Map::new());
        let model = Ensemble::mean(members, self.decision(&logs))?;
        Some(self.saved(model, facts, logs))
    }

    /// The best of each family, combined by a regression.
    fn stacked(
        &self,
        chosen: &[Chosen<'_>],
        c: Option<f64>,
    ) -> Result<Option<SavedModel>, LogisticError> {
        let taken: Vec<&Chosen> = chosen.iter().filter(|one| one.candidate.is_stacked).collect();
        let inputs: Vec<Vec<f64>> = taken.iter().map(|one| one.candidate.logs.clone()).collect();
        let rows = StackedRows {
            labels: &self.labels,
            parts: &self.parts(),
            inputs: &inputs,
            classes: self.stage.prepared.classes.len(),
        };
        let found = Stacker::fit(&rows, c)?;
        let members = taken.iter().enumerate();
        let members: Vec<Member> =
            members.flat_map(|(input, one)| one.members(input, 1.0, 1.0)).collect();
        let mut facts = listed(&members, |member| {
            Map::from_iter([("input".to_owned(), Value::from(member.input))])
        });
        facts.insert("C".to_owned(), json!(found.c));
        let model = Ensemble::stacked(members, found.stacker, self.decision(&found.logs));
        Ok(model.map(|model| self.saved(model, facts, found.logs)))
    }

    /// The parts over which a stacked model is cross-validated: the folds, or where there is one, parts
    /// of its validation rows with equal class shares.
    fn parts(&self) -> Vec<usize> {
        let count = self.stage.settings.data.count();
        if count > 1 {
            let rows = |fold: usize| self.stage.prepared.at(0, Some(fold)).0.valid.labels.len();
            return (0..count).flat_map(|fold| std::iter::repeat_n(fold, rows(fold))).collect();
        }
        let mut seen = vec![0; self.stage.prepared.classes.len()];
        let part = |&label: &u32| {
            let seen = &mut seen[label as usize];
            *seen += 1;
            (*seen - 1) % PARTS
        };
        self.labels.iter().map(part).collect()
    }

    /// A model with its predictions for each part; those for validation rows come from models that were not
    /// trained on them.
    fn saved(&self, model: Ensemble, facts: Map<String, Value>, valid: Vec<f64>) -> SavedModel {
        let Stage { engine, prepared, trials, .. } = *self.stage;
        let valid = Predictions { labels: self.labels.clone(), logs: valid };
        let parts = predictions(&model, engine, (prepared, trials), Some(valid));
        SavedModel { model, facts, parts }
    }
}

impl Chosen<'_> {
    /// Its models as members of an input, with a share in it.
    fn members(&self, input: usize, share: f64, temperature: f64) -> Vec<Member> {
        let weight = share / self.models.len() as f64;
        let member = |model: &Model| Member { input, weight, temperature, model: model.clone() };
        self.models.iter().map(member).collect()
    }
}

/// The entries of a model's members in metrics.json.
fn listed(members: &[Member], more: impl Fn(&Member) -> Map<String, Value>) -> Map<String, Value> {
    let member = |member: &Member| {
        let provenance = &member.model.description.provenance;
        let mut listed = Map::from_iter([
            ("trial".to_owned(), Value::from(provenance.trial)),
            ("fold".to_owned(), Value::from(provenance.fold)),
            ("epoch".to_owned(), Value::from(provenance.epoch)),
            ("weight".to_owned(), Value::from(member.weight)),
        ]);
        listed.extend(more(member));
        Value::Object(listed)
    };
    Map::from_iter([("members".to_owned(), members.iter().map(member).collect())])
}
