//! What boosting by LightGBM and by XGBoost have in common: rows, seeds, and the rounds that are kept.

use std::cell::RefCell;

use rand::Rng;

use super::fitted::Fitted;
use super::learner::{FitError, Learner};
use super::recipe::{Context, Member};
use super::singles::{Single, Singles};
use crate::boosting::{MemoryNeed, Rows, TrainRows};
use crate::examples::{Fold, Matrix, Part};
use crate::random::{Purpose, Streams};
use crate::spec::Params;

/// A training of one of the libraries.
pub(super) trait Trainer {
    /// One round of training; whether it can go on.
    fn train_round(&mut self) -> Result<bool, FitError>;

    /// Probabilities `[rows, classes]` as the model is now.
    fn probabilities_of(&mut self, rows: Rows) -> Result<Vec<f64>, FitError>;

    /// Rounds of the model so far.
    fn trained(&mut self) -> Result<usize, FitError>;

    /// The model of the first rounds.
    fn model(&mut self, rounds: usize) -> Result<Fitted, FitError>;
}

/// A training under way.
struct Boosted<T> {
    /// The library writes a model from what it trains, which it takes for a change.
    trainer: RefCell<T>,
    /// Rounds of the model that was kept.
    kept: usize,
}

impl<T: Trainer> Single for Boosted<T> {
    fn round(&mut self) -> Result<bool, FitError> {
        self.trainer.get_mut().train_round()
    }

    fn probabilities(&mut self, part: Part) -> Result<Vec<f64>, FitError> {
        let rows = match part {
            Part::Train => Rows::Train,
            Part::Valid => Rows::Set(0),
            Part::Test => Rows::Set(1),
        };
        self.trainer.get_mut().probabilities_of(rows)
    }

    fn keep(&mut self) -> Result<(), FitError> {
        self.kept = self.trainer.get_mut().trained()?;
        Ok(())
    }

    fn best(&self) -> Result<Fitted, FitError> {
        self.trainer.borrow_mut().model(self.kept)
    }
}

/// Begins the trainings of a job's members. `begin` begins one, with the rows to train on, those to evaluate,
/// and the seed; `None` where the hyperparameters are of another family.
pub(super) fn start<'a, T: Trainer + 'a>(
    members: Vec<Member<'a>>,
    cx: &Context<'a>,
    begin: impl Fn(&Params, &TrainRows<'_>, &[&Matrix], i32) -> Option<Result<T, FitError>>,
) -> Result<Box<dyn Learner + 'a>, FitError> {
    let classes = cx.data.classes();
    let single = |member: Member<'a>| {
        let Fold { train, valid, test, names, categories, .. } = member.fold;
        let weights: Option<Vec<f64>> =
            member.class_weights.map(|weights| weights.into_iter().map(f64::from).collect());
        let rows = TrainRows {
            features: &train.features,
            labels: &train.labels,
            classes,
            class_weights: weights.as_deref(),
            categorical: categories,
            names,
        };
        let sets = [&valid.features, &test.features];
        let trainer = begin(member.params, &rows, &sets, seed(&member.streams));
        let trainer = trainer.ok_or(FitError::Left { member: 0 })??;
        let single: Box<dyn Single + 'a> =
            Box::new(Boosted { trainer: RefCell::new(trainer), kept: 0 });
        Ok((single, member.fold))
    };
    let singles = members.into_iter().map(single).collect::<Result<Vec<_>, FitError>>()?;
    Ok(Box::new(Singles::new(singles, classes, cx)))
}

/// What a member's training takes memory for.
pub(super) fn memory_need(member: &Member<'_>, classes: usize) -> MemoryNeed {
    let evaluated = [Part::Valid, Part::Test].map(|part| member.fold.part(part).labels.len());
    let train = &member.fold.train.features;
    MemoryNeed {
        rows: train.rows(),
        evaluated: evaluated.iter().sum(),
        columns: train.columns(),
        classes,
    }
}

/// Trees of a round.
pub(super) fn trees(classes: usize) -> u64 {
    if classes == 2 { 1 } else { classes as u64 }
}

/// The library's seed, which has 31 bits.
fn seed(streams: &Streams) -> i32 {
    (streams.generator(Purpose::Boosting, 0).next_u32() >> 1).cast_signed()
}
