//! The epoch loop over one pack: train, evaluate, remember the best epoch of every member.

mod scores;

pub use scores::PartScores;

use crate::engine::{EngineError, Evaluation, LossAccuracy, Pack, Which};
use crate::examples::Part;
use crate::network::Weights;
use crate::spec::RankBy;

/// How long to train and what is best.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Number of members of the pack.
    pub members: usize,
    /// After how many passes over the train rows to give outcomes, ascending. The last is the end;
    /// what a shorter training would have come to is seen on the way.
    pub lengths: Vec<u32>,
    /// The score that picks the best epoch.
    pub rank_by: RankBy,
}

/// Who follows a pack's training.
pub trait Follower {
    /// An epoch has ended: a row for every member, nothing for those that diverged earlier.
    fn epoch(&mut self, rows: &[Option<EpochRow>]);

    /// One of the schedule's lengths is reached: the outcome of every member so far. `weights`
    /// gives those of a member's best epoch, where it has one.
    ///
    /// # Errors
    /// [`EngineError`] when the weights cannot be had.
    fn length(
        &mut self,
        length: u32,
        outcomes: &[MemberOutcome],
        weights: &dyn Fn(usize) -> Result<Weights, EngineError>,
    ) -> Result<(), EngineError>;
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
    /// Train scores of the best epoch, once they were asked for.
    train: Option<PartScores>,
}

/// A pack in training.
struct Training<'a> {
    pack: Box<dyn Pack + 'a>,
    tracks: Vec<Track>,
    /// The members still in the pack: those that diverge leave it.
    places: Vec<usize>,
    rank_by: RankBy,
}

/// Trains a pack to its last epoch.
///
/// # Errors
/// [`EngineError`] when the engine or the follower gives up, or the run is to stop.
pub fn train(
    pack: Box<dyn Pack + '_>,
    schedule: &Schedule,
    follower: &mut dyn Follower,
) -> Result<(), EngineError> {
    let Schedule { members, ref lengths, rank_by } = *schedule;
    let tracks = vec![Track::default(); members];
    let mut training = Training { pack, tracks, places: (0..members).collect(), rank_by };
    let mut epoch = 0;
    for &length in lengths {
        while epoch < length && !training.places.is_empty() {
            epoch += 1;
            follower.epoch(&training.epoch(epoch)?);
        }
        let outcomes = training.outcomes()?;
        follower.length(length, &outcomes, &|member| training.best_weights(member))?;
    }
    Ok(())
}

impl Training<'_> {
    /// Trains and judges one epoch.
    fn epoch(&mut self, epoch: u32) -> Result<Vec<Option<EpochRow>>, EngineError> {
        let train = self.pack.train_epoch()?;
        let valid = self.pack.evaluate(Part::Valid, Which::Current)?;
        let test = self.pack.evaluate(Part::Test, Which::Current)?;
        let mut rows = vec![None; self.tracks.len()];
        let mut improved = Vec::with_capacity(self.places.len());
        for (place, &member) in self.places.iter().enumerate() {
            let (train, valid, test) = (train[place], &valid[place], &test[place]);
            let row = EpochRow { epoch, train, valid: means(valid), test: means(test) };
            rows[member] = Some(row);
            improved.push(self.tracks[member].note(&row, valid, test, self.rank_by));
        }
        if improved.contains(&true) {
            self.pack.keep_best(&improved)?;
        }
        self.retire()?;
        Ok(rows)
    }

    /// Lets diverged members leave, so that the others go faster.
    fn retire(&mut self) -> Result<(), EngineError> {
        let tracks = &self.tracks;
        let stays = |member: &usize| tracks[*member].diverged_epoch.is_none();
        let stay: Vec<bool> = self.places.iter().map(stays).collect();
        if stay.contains(&false) {
            self.places.retain(stays);
            self.pack.retain(&stay)?;
        }
        Ok(())
    }

    /// What became of every member so far. The exact pass over the train rows is made only where a
    /// best epoch is new.
    fn outcomes(&mut self) -> Result<Vec<MemberOutcome>, EngineError> {
        if self.places.iter().any(|&member| self.tracks[member].train.is_none()) {
            let train = self.pack.evaluate(Part::Train, Which::Best)?;
            for (&member, train) in self.places.iter().zip(&train) {
                self.tracks[member].train = Some(PartScores::of(train));
            }
        }
        Ok(self.tracks.iter().map(Track::outcome).collect())
    }

    fn best_weights(&self, member: usize) -> Result<Weights, EngineError> {
        match self.places.iter().position(|&other| other == member) {
            Some(place) => self.pack.best_weights(place),
            None => Err(EngineError::Left { member }),
        }
    }
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
            self.train = None;
        }
        improved
    }

    fn outcome(&self) -> MemberOutcome {
        let finished = self.best.zip(self.train).filter(|_| self.diverged_epoch.is_none());
        MemberOutcome {
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

fn means(evaluation: &Evaluation) -> LossAccuracy {
    LossAccuracy { loss: evaluation.loss, accuracy: evaluation.confusion.accuracy() }
}
