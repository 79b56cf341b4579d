//! The last stage of a run: what the key `model` of the grid file asks for.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::engine;
use super::sitting::Sitting;
use super::winner::{Kept, Place, Said, facts, model};
use crate::commands::failure::Failure;
use crate::commands::score::log_mean;
use crate::ensemble::{self, Decision};
use crate::examples::Part;
use crate::families::{Dataset, Fitted};
use crate::model::{Ensemble, Member, Model};
use crate::record::RunFile;
use crate::spec::{Calibration, Family, FinalModel, Greedy};
use crate::sweep::{self, Outcome, Settings, Trained, TrialResult};

/// What the last stage has made: the winner's model, and an ensemble where one is asked for.
pub(super) struct Finals {
    pub best: Kept,
    pub ensemble: Option<Kept>,
}

/// A trial with its models on the folds, and what they say of rows that they were not trained on.
struct Candidate<'a> {
    result: &'a TrialResult,
    folds: Vec<Trained>,
    /// Log-probabilities of the validation rows of all folds, `[rows, classes]`.
    logs: Vec<f64>,
}

/// Makes the final models of a run whose trials have all ended.
pub(super) fn finals(
    sitting: &Sitting<'_>,
    outcome: &Outcome,
    file: &RunFile,
) -> Result<Option<Finals>, Failure> {
    let wanted = &file.grid.model;
    let stage = Stage { sitting, file, wanted, labels: valid_labels(sitting) };
    let candidates = stage.candidates(outcome)?;
    let Some(winner) = candidates.first() else { return Ok(None) };
    let classes = sitting.prepared.classes.len();
    let counts = match (&wanted.ensemble, sitting.ensemble_score) {
        (None, _) | (_, None) => Vec::new(),
        (Some(greedy), Some(score)) => {
            let said = candidates.iter().map(|candidate| probabilities(&candidate.logs));
            let said: Vec<Vec<f32>> = said.collect();
            let size = greedy.size.get() as usize;
            let choice = (score, size);
            ensemble::select(&said, &stage.labels, classes, choice)?
        }
    };
    let chosen: Vec<(usize, &Candidate)> = candidates
        .iter()
        .enumerate()
        .map(|(place, candidate)| (counts.get(place).copied().unwrap_or(0), candidate))
        .filter(|(count, candidate)| *count > 0 || candidate.result.trial == winner.result.trial)
        .collect();
    let networks = stage.networks(&chosen)?;
    let best = stage.best(&chosen, &networks);
    let ensemble = wanted.ensemble.as_ref().and_then(|_| stage.ensemble(&chosen, networks));
    Ok(Some(Finals { best, ensemble }))
}

/// The trials to choose from, best first: the winner, or for an ensemble the best of all and of each
/// family.
pub(super) fn choose<'a>(outcome: &'a Outcome, wanted: Option<&Greedy>) -> Vec<&'a TrialResult> {
    let finished = outcome.results.iter().filter(|result| result.scores.is_some());
    let Some(greedy) = wanted else { return finished.take(1).collect() };
    let (most, least) = (greedy.candidates.get() as usize, greedy.candidates_per_family as usize);
    let mut of_family: BTreeMap<Family, usize> = BTreeMap::new();
    let is_chosen = |(place, result): &(usize, &TrialResult)| {
        let count = of_family.entry(result.trial.family()).or_default();
        *count += 1;
        *place < most || *count <= least
    };
    finished.enumerate().filter(is_chosen).map(|(_, result)| result).collect()
}

/// The labels of the validation rows of all folds.
fn valid_labels(sitting: &Sitting<'_>) -> Vec<u32> {
    let prepared = sitting.prepared;
    let folds = 0..sitting.settings.data.count();
    folds.flat_map(|fold| prepared.at(0, Some(fold)).0.valid.labels.iter().copied()).collect()
}

fn probabilities(logs: &[f64]) -> Vec<f32> {
    logs.iter().map(|log| log.exp() as f32).collect()
}

struct Stage<'a> {
    sitting: &'a Sitting<'a>,
    file: &'a RunFile,
    wanted: &'a FinalModel,
    /// Of the validation rows of all folds.
    labels: Vec<u32>,
}

impl Stage<'_> {
    /// The best trials, trained once more for their models.
    fn candidates<'a>(&self, outcome: &'a Outcome) -> Result<Vec<Candidate<'a>>, Failure> {
        let Sitting { engine, prepared, settings, stop, .. } = *self.sitting;
        let results = choose(outcome, self.wanted.ensemble.as_ref());
        let trials: Vec<_> = results.iter().map(|result| &result.trial).collect();
        let cx = settings.context(engine, stop.flag());
        let trained = sweep::train_again(&cx, &trials, settings)?;
        let candidate = |(result, folds): (&'a TrialResult, Vec<Trained>)| {
            let mut logs = Vec::new();
            for (fold, trained) in folds.iter().enumerate() {
                let (rows, _) = prepared.at(result.trial.preparation, Some(fold));
                logs.extend(trained.fitted.log_probabilities(engine, &rows.valid.features)?);
            }
            Ok(Candidate { result, folds, logs })
        };
        // A network of libtorch's may diverge in a pack of its own that did not among others.
        let whole =
            |(_, folds): &(&TrialResult, Vec<Trained>)| folds.len() == settings.data.count();
        results.into_iter().zip(trained).filter(whole).map(candidate).collect()
    }

    /// The network to keep of each trial.
    fn networks(&self, chosen: &[(usize, &Candidate)]) -> Result<Vec<Model>, Failure> {
        let Sitting { arguments, placement, prepared, settings, stop, .. } = *self.sitting;
        let rank_by = settings.rank_by;
        if !self.wanted.refit {
            let of_best_fold = |(_, candidate): &(usize, &Candidate)| {
                let folds = candidate.folds.iter().enumerate();
                let best = folds.reduce(|one, other| {
                    if other.1.valid.beats(&one.1.valid, rank_by) { other } else { one }
                });
                let (fold, network) = best?;
                let trial = &candidate.result.trial;
                let place = (Place::Fold(fold), network.epoch);
                Some(model(trial, network.fitted.clone(), place, prepared, self.file))
            };
            return Ok(chosen.iter().filter_map(of_best_fold).collect());
        }
        let folds: Vec<_> = prepared.whole.iter().map(|(fold, _)| fold.clone()).collect();
        let data = Dataset::new(&folds, 1, &prepared.classes, &self.file.grid)?;
        let whole = Settings { data, ..settings.clone() };
        let engine = engine(arguments.engine, placement, &folds)?;
        // Rounds that are no budget are what the model is made of: it has all of them.
        let epochs = |candidate: &Candidate| {
            let recipe = candidate.result.trial.recipe();
            let best = candidate.result.best_epoch.filter(|_| recipe.picks_round());
            best.unwrap_or(recipe.rounds())
        };
        let trials: Vec<_> = chosen
            .iter()
            .map(|(_, candidate)| (&candidate.result.trial, epochs(candidate)))
            .collect();
        let fitted = sweep::refit(&whole.context(engine.as_ref(), stop.flag()), &trials, &whole)?;
        let models = trials.into_iter().zip(fitted).map(|((trial, epoch), fitted): (_, Fitted)| {
            model(trial, fitted, (Place::Whole, epoch), prepared, self.file)
        });
        Ok(models.collect())
    }

    /// The decision that validation rows bear out.
    fn decision(&self, logs: &[f64]) -> Decision {
        let classes = &self.sitting.prepared.classes;
        let mut decision = Decision::default();
        if self.wanted.calibration == Calibration::Temperature {
            decision.temperature = ensemble::temperature(&self.labels, logs, classes.len());
        }
        let told = decision.tempered(logs.to_vec(), classes.len());
        let told: Vec<f64> = told.into_iter().map(f64::exp).collect();
        let rule = &self.wanted.thresholds;
        decision.thresholds = ensemble::thresholds(rule, &self.labels, &told, classes);
        decision
    }

    /// The winner's model.
    fn best(&self, chosen: &[(usize, &Candidate)], networks: &[Model]) -> Kept {
        let winner = chosen[0].1;
        let mut network = networks[0].clone();
        network.description.decision = self.decision(&winner.logs);
        let provenance = &network.description.provenance;
        let place = provenance.fold.map_or(Place::Whole, Place::Fold);
        let facts = facts(&winner.result.trial, place, provenance.epoch);
        self.kept(Ensemble::alone(network), facts, &winner.logs)
    }

    /// The mean of the chosen trials' models.
    fn ensemble(&self, chosen: &[(usize, &Candidate)], networks: Vec<Model>) -> Option<Kept> {
        let total: usize = chosen.iter().map(|(count, _)| count).sum();
        let share = |count: usize| count as f64 / total as f64;
        let taken = chosen.iter().zip(networks).filter(|((count, _), _)| *count > 0);
        let (mut members, mut said, mut listed) = (Vec::new(), Vec::new(), Vec::new());
        for ((count, candidate), model) in taken {
            let provenance = &model.description.provenance;
            listed.push(json!({
                "trial": provenance.trial,
                "fold": provenance.fold,
                "epoch": provenance.epoch,
                "weight": share(*count),
            }));
            said.push((share(*count), probabilities(&candidate.logs)));
            members.push(Member { weight: share(*count), model });
        }
        let logs = match said.as_slice() {
            [_] => chosen.iter().find(|(count, _)| *count > 0).map(|(_, one)| one.logs.clone()),
            _ => None,
        };
        let logs = logs.unwrap_or_else(|| ensemble::mean(&said));
        let decision = self.decision(&logs);
        let model = Ensemble::of(members, decision)?;
        let facts = Map::from_iter([("members".to_owned(), Value::Array(listed))]);
        Some(self.kept(model, facts, &logs))
    }

    /// A model with what it says of each part: of validation rows what networks say that were not
    /// trained on them.
    fn kept(&self, model: Ensemble, facts: Map<String, Value>, valid: &[f64]) -> Kept {
        let Sitting { engine, prepared, .. } = *self.sitting;
        let trials = &self.sitting.trials;
        let rows = |place: usize| {
            let provenance = &model.members()[place].model.description.provenance;
            prepared.at(trials[provenance.trial].preparation, provenance.fold).0
        };
        let parts = Part::ALL.map(|part| {
            if part == Part::Valid {
                return Some(Said { labels: self.labels.clone(), logs: valid.to_vec() });
            }
            let labels = Some(&rows(0).part(part).labels).filter(|labels| !labels.is_empty())?;
            // Members that were trained on other rows, such as of other folds, have none in common.
            let alike =
                (1..model.members().len()).all(|place| rows(place).part(part).labels == *labels);
            let logs = log_mean(engine, &model, |place| &rows(place).part(part).features);
            Some(Said { labels: labels.clone(), logs: logs.ok()? }).filter(|_| alike)
        });
        Kept { model, facts, parts }
    }
}
