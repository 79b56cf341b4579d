//! The epoch loop over one pack: train, evaluate, remember the best epoch of every member.

mod scores;

use std::sync::atomic::{AtomicBool, Ordering};

pub use scores::PartScores;

use crate::engine::{EngineError, Evaluation, LossAccuracy, Pack, Which};
use crate::examples::Part;
use crate::spec::RankBy;

/// How long to train and what is best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// Number of members of the pack.
    pub members: usize,
    /// Passes over the train rows.
    pub epochs: u32,
    /// The score that picks the best epoch.
    pub rank_by: RankBy,
}

/// Loss and accuracy of one member after one epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpochRow {
    /// The epoch, from 1.
    pub epoch: u32,
    /// Running means over the epoch's batches.
    pub train: LossAccuracy,
    /// An exact pass after the epoch.
    pub valid: LossAccuracy,
    /// An exact pass after the epoch.
    pub test: LossAccuracy,
}

/// What became of a member.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberOutcome {
    /// The epoch at which its loss stopped being finite.
    pub diverged_epoch: Option<u32>,
    /// Its best epoch; nothing where it diverged.
    pub best: Option<BestEpoch>,
}

/// A member's best epoch and its scores there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BestEpoch {
    /// The epoch, from 1.
    pub epoch: u32,
    /// On train rows, weights at rest.
    pub train: PartScores,
    /// On validation rows.
    pub valid: PartScores,
    /// On test rows.
    pub test: PartScores,
}

/// A member while it trains.
#[derive(Debug, Clone, Default)]
struct Track {
    diverged_epoch: Option<u32>,
    /// Epoch, validation and test scores of the best epoch so far.
    best: Option<(u32, PartScores, PartScores)>,
}

/// Trains a pack to its last epoch.
///
/// `on_epoch` gets every epoch's rows, one a member, nothing for those that diverged earlier.
/// Returns nothing when `stop` was raised before the end.
///
/// # Errors
/// [`EngineError`] when the engine gives up.
pub fn train(
    pack: &mut dyn Pack,
    schedule: Schedule,
    stop: &AtomicBool,
    on_epoch: &mut dyn FnMut(&[Option<EpochRow>]),
) -> Result<Option<Vec<MemberOutcome>>, EngineError> {
    let mut tracks = vec![Track::default(); schedule.members];
    for epoch in 1..=schedule.epochs {
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let train = pack.train_epoch()?;
        let valid = pack.evaluate(Part::Valid, Which::Current)?;
        let test = pack.evaluate(Part::Test, Which::Current)?;
        let mut rows = Vec::with_capacity(tracks.len());
        let mut improved = Vec::with_capacity(tracks.len());
        for (member, track) in tracks.iter_mut().enumerate() {
            if track.diverged_epoch.is_some() {
                rows.push(None);
                improved.push(false);
                continue;
            }
            let row = EpochRow {
                epoch,
                train: train[member],
                valid: means(&valid[member]),
                test: means(&test[member]),
            };
            rows.push(Some(row));
            improved.push(track.note(&row, &valid[member], &test[member], schedule.rank_by));
        }
        on_epoch(&rows);
        if improved.contains(&true) {
            pack.keep_best(&improved)?;
        }
        if tracks.iter().all(|track| track.diverged_epoch.is_some()) {
            break;
        }
    }
    let train = pack.evaluate(Part::Train, Which::Best)?;
    let outcomes = tracks.iter().zip(&train);
    Ok(Some(outcomes.map(|(track, train)| track.outcome(train)).collect()))
}

impl Track {
    /// Takes in an epoch; says whether it is the best so far.
    fn note(
        &mut self,
        row: &EpochRow,
        valid: &Evaluation,
        test: &Evaluation,
        rank_by: RankBy,
    ) -> bool {
        if !row.train.loss.is_finite() || !row.valid.loss.is_finite() {
            self.diverged_epoch = Some(row.epoch);
            return false;
        }
        let valid = PartScores::of(valid);
        let improved = self.best.is_none_or(|(_, best, _)| valid.beats(&best, rank_by));
        if improved {
            self.best = Some((row.epoch, valid, PartScores::of(test)));
        }
        improved
    }

    fn outcome(&self, train: &Evaluation) -> MemberOutcome {
        let finished = self.best.filter(|_| self.diverged_epoch.is_none());
        MemberOutcome {
            diverged_epoch: self.diverged_epoch,
            best: finished.map(|(epoch, valid, test)| BestEpoch {
                epoch,
                train: PartScores::of(train),
                valid,
                test,
            }),
        }
    }
}

fn means(evaluation: &Evaluation) -> LossAccuracy {
    LossAccuracy { loss: evaluation.loss, accuracy: evaluation.confusion.accuracy() }
}
