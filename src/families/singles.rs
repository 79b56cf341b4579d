//! Models that are trained side by side in a job without sharing work.

use std::sync::atomic::{AtomicBool, Ordering};

use super::fitted::{Fitted, LEAST_PROBABILITY};
use super::learner::{FitError, Learner};
use super::recipe::Context;
use crate::engine::{Evaluation, LossAccuracy, Snapshot};
use crate::examples::{Fold, Part};
use crate::metrics::{Confusion, ProbabilityScores, Scored, argmax};

/// One model in training.
pub(super) trait Single {
    /// One round of training; whether it can go on.
    fn round(&mut self) -> Result<bool, FitError>;

    /// Probabilities `[rows, classes]` of a part of its fold, as the model is now.
    fn probabilities(&mut self, part: Part) -> Result<Vec<f64>, FitError>;

    /// Remembers the model as it is now as the best.
    fn keep(&mut self) -> Result<(), FitError>;

    /// The model that was kept.
    fn best(&self) -> Result<Fitted, FitError>;
}

/// Models in training.
pub(super) struct Singles<'a> {
    members: Vec<Judged<'a>>,
    stop: &'a AtomicBool,
}

/// A model in training with how it does.
struct Judged<'a> {
    single: Box<dyn Single + 'a>,
    fold: &'a Fold,
    classes: usize,
    needs_probabilities: bool,
    /// Its scores now by part, once computed.
    now: [Option<Evaluation>; 3],
    /// The score of the kept model on train rows.
    kept: Option<Evaluation>,
}

impl<'a> Singles<'a> {
    /// Models, each with the rows that judge it.
    pub fn new(
        singles: impl IntoIterator<Item = (Box<dyn Single + 'a>, &'a Fold)>,
        classes: usize,
        cx: &Context<'a>,
    ) -> Self {
        let members = singles.into_iter().map(|(single, fold)| Judged {
            single,
            fold,
            classes,
            needs_probabilities: cx.needs_probabilities,
            now: [None, None, None],
            kept: None,
        });
        Self { members: members.collect(), stop: cx.stop }
    }

    /// An answer of every member, unless the run is stopping.
    fn each<T>(
        &mut self,
        mut ask: impl FnMut(&mut Judged<'a>) -> Result<T, FitError>,
    ) -> Result<Vec<T>, FitError> {
        let stop = self.stop;
        let one = |member: &mut Judged<'a>| {
            if stop.load(Ordering::Relaxed) { Err(FitError::Stopped) } else { ask(member) }
        };
        self.members.iter_mut().map(one).collect()
    }
}

impl Judged<'_> {
    fn evaluate(&mut self, part: Part) -> Result<Evaluation, FitError> {
        if let Some(known) = &self.now[part as usize] {
            return Ok(known.clone());
        }
        let labels = &self.fold.part(part).labels;
        let (mut confusion, mut loss) = (Confusion::new(self.classes)?, 0.0);
        let mut of_probabilities = None;
        if !labels.is_empty() {
            let probabilities = self.single.probabilities(part)?;
            for (row, &label) in probabilities.chunks_exact(self.classes).zip(labels) {
                confusion.add(label, argmax(row).unwrap_or(0))?;
                loss -= row[label as usize].max(LEAST_PROBABILITY).ln();
            }
            loss /= labels.len() as f64;
            if self.needs_probabilities {
                let scored = Scored::new(labels, &probabilities, self.classes)?;
                of_probabilities = Some(ProbabilityScores::of(&scored));
            }
        }
        let found = Evaluation { loss, confusion, probabilities: of_probabilities };
        self.now[part as usize] = Some(found.clone());
        Ok(found)
    }
}

impl Learner for Singles<'_> {
    fn round(&mut self) -> Result<Vec<bool>, FitError> {
        self.each(|member| {
            member.now = [None, None, None];
            member.single.round()
        })
    }

    /// An exact pass.
    fn progress(&mut self) -> Result<Vec<LossAccuracy>, FitError> {
        self.each(|member| {
            let Evaluation { loss, confusion, .. } = member.evaluate(Part::Train)?;
            Ok(LossAccuracy { loss, accuracy: confusion.accuracy() })
        })
    }

    fn evaluate(&mut self, part: Part, at: Snapshot) -> Result<Vec<Evaluation>, FitError> {
        self.each(|member| match (at, &member.kept) {
            // Nothing asks for another part of the kept model.
            (Snapshot::Best, Some(kept)) if part == Part::Train => Ok(kept.clone()),
            _ => member.evaluate(part),
        })
    }

    fn keep_best(&mut self, improved: &[bool]) -> Result<(), FitError> {
        let mut improved = improved.iter();
        self.each(|member| {
            if improved.next() == Some(&true) {
                member.single.keep()?;
                member.kept = Some(member.evaluate(Part::Train)?);
            }
            Ok(())
        })?;
        Ok(())
    }

    fn best(&self, member: usize) -> Result<Fitted, FitError> {
        self.members.get(member).ok_or(FitError::Left { member })?.single.best()
    }

    fn retain(&mut self, stay: &[bool]) -> Result<(), FitError> {
        let mut stays = stay.iter();
        self.members.retain(|_| stays.next().copied().unwrap_or(true));
        Ok(())
    }
}
