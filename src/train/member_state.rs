//! One member in training.

use super::stopping::Stopping;
use super::{EpochRow, MemberSchedule, PartScores};
use crate::engine::Evaluation;
use crate::families::Fitted;
use crate::metrics::Score;

/// The outcome of a member.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberOutcome {
    /// The rounds that it was trained for.
    pub epochs: u32,
    /// The round at which its loss stopped being finite.
    pub diverged_epoch: Option<u32>,
    /// Its best round; `None` where it diverged.
    pub best: Option<BestEpoch>,
}

/// A member's best round and its scores there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BestEpoch {
    /// The round, from 1.
    pub epoch: u32,
    /// On train rows, of the model at rest.
    pub train: PartScores,
    /// On validation rows.
    pub valid: PartScores,
    /// On test rows.
    pub test: PartScores,
}

/// The state of a member in training.
#[derive(Debug, Clone)]
pub(super) struct MemberState {
    pub schedule: MemberSchedule,
    stopping: Stopping,
    /// Its rounds so far.
    epochs: u32,
    /// Whether its training has ended.
    pub done: bool,
    pub diverged_epoch: Option<u32>,
    /// Round, validation and test scores of the best round so far.
    best: Option<(u32, PartScores, PartScores)>,
    /// Train scores of the best round, once they have been computed.
    pub train: Option<PartScores>,
    /// The best model, once it is done and has left the job.
    pub kept: Option<Fitted>,
}

impl MemberState {
    pub fn new(schedule: &MemberSchedule) -> Self {
        Self {
            schedule: *schedule,
            stopping: Stopping::new(schedule.early_stopping),
            epochs: 0,
            done: false,
            diverged_epoch: None,
            best: None,
            train: None,
            kept: None,
        }
    }

    /// Records a round; returns whether it is the best so far.
    pub fn observe(
        &mut self,
        row: &EpochRow,
        valid: &Evaluation,
        test: &Evaluation,
        rank_by: Score,
    ) -> bool {
        self.epochs = row.epoch;
        if !row.train.loss.is_finite() || !row.valid.loss.is_finite() {
            self.diverged_epoch = Some(row.epoch);
            return false;
        }
        let valid = PartScores::of(valid, rank_by);
        let stops = self.stopping.observe(valid.rising(rank_by));
        self.done = stops || row.epoch >= self.schedule.rounds;
        let is_better = |(_, best, _): (_, PartScores, _)| valid.beats(&best, rank_by);
        let improved = !self.schedule.picks_round || self.best.is_none_or(is_better);
        if improved {
            self.best = Some((row.epoch, valid, PartScores::of(test, rank_by)));
            self.train = None;
        }
        improved
    }

    pub fn outcome(&self) -> MemberOutcome {
        let finished = self.best.zip(self.train).filter(|_| self.diverged_epoch.is_none());
        MemberOutcome {
            epochs: self.epochs,
            diverged_epoch: self.diverged_epoch,
            best: finished.map(|((epoch, valid, test), train)| BestEpoch {
                epoch,
                train,
                valid,
                test,
            }),
        }
    }
}
