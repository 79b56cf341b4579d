//! The epoch loop over one pack: train, evaluate, remember the best epoch of every member.

mod rates;
mod refit;
mod scores;
mod stopping;

pub use rates::Rates;
pub use refit::refit;
pub use scores::PartScores;

use crate::engine::{EngineError, Evaluation, LossAccuracy, Pack, RateFactors, Which};
use crate::examples::Part;
use crate::network::Weights;
use crate::spec::{EarlyStopping, LrSchedule, RankBy};
use stopping::Stopping;

/// How long to train and what is best.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// How each member of the pack is trained.
    pub members: Vec<Course>,
    /// After how many passes over the train rows to give outcomes, ascending. The last is the end;
    /// what a shorter training would have come to is seen on the way.
    pub lengths: Vec<u32>,
    /// The score that picks the best epoch.
    pub rank_by: RankBy,
    /// Whether it does; otherwise the last epoch is taken for the best.
    pub restore_best: bool,
}

/// How one member is trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Course {
    /// Step size, before the schedule.
    pub learning_rate: f64,
    /// What becomes of it.
    pub lr_schedule: LrSchedule,
    /// When it ends before its last epoch.
    pub early_stopping: EarlyStopping,
    /// Steps of an epoch.
    pub steps: usize,
    /// Its last epoch.
    pub epochs: u32,
}

/// Who follows a pack's training.
pub trait Follower {
    /// An epoch has ended: a row for every member, nothing for those that left the pack earlier.
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
    /// For how many epochs it was trained.
    pub epochs: u32,
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
#[derive(Debug, Clone)]
struct Track {
    course: Course,
    rates: Rates,
    stopping: Stopping,
    /// Its epochs so far.
    epochs: u32,
    /// Whether these were all.
    done: bool,
    diverged_epoch: Option<u32>,
    /// Epoch, validation and test scores of the best epoch so far.
    best: Option<(u32, PartScores, PartScores)>,
    /// Train scores of the best epoch, once they were asked for.
    train: Option<PartScores>,
    /// Weights of the best epoch, once it is done and has left the pack.
    kept: Option<Weights>,
}

/// A pack in training.
struct Training<'a> {
    pack: Box<dyn Pack + 'a>,
    tracks: Vec<Track>,
    /// The members still in the pack: those that diverge or are done leave it.
    places: Vec<usize>,
    /// The last epoch of all.
    last: u32,
    rank_by: RankBy,
    restore_best: bool,
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
    let Schedule { ref members, ref lengths, rank_by, restore_best } = *schedule;
    let tracks = members.iter().map(Track::new).collect();
    let places = (0..members.len()).collect();
    let last = lengths.last().copied().unwrap_or(0);
    let mut training = Training { pack, tracks, places, last, rank_by, restore_best };
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
        let factors = self.places.iter().map(|&member| self.tracks[member].rates.factors(epoch));
        let factors: Vec<RateFactors> = factors.collect();
        let train = self.pack.train_epoch(&factors)?;
        let valid = self.pack.evaluate(Part::Valid, Which::Current)?;
        let test = self.pack.evaluate(Part::Test, Which::Current)?;
        let mut rows = vec![None; self.tracks.len()];
        let mut improved = Vec::with_capacity(self.places.len());
        for (place, &member) in self.places.iter().enumerate() {
            let (train, valid, test) = (train[place], &valid[place], &test[place]);
            let row = EpochRow { epoch, train, valid: means(valid), test: means(test) };
            rows[member] = Some(row);
            let track = &mut self.tracks[member];
            let improved_now = track.note(&row, valid, test, (self.rank_by, self.restore_best));
            improved.push(improved_now);
        }
        if improved.contains(&true) {
            self.pack.keep_best(&improved)?;
        }
        self.retire(epoch < self.last)?;
        Ok(rows)
    }

    /// Lets members leave, so that the others go faster: those that diverged and, where the others
    /// `go_on`, those that are done, whose best epoch is kept.
    fn retire(&mut self, go_on: bool) -> Result<(), EngineError> {
        let done = |track: &Track| go_on && track.done;
        if self.places.iter().any(|&member| done(&self.tracks[member])) {
            self.judge(done)?;
            for (place, &member) in self.places.iter().enumerate() {
                if done(&self.tracks[member]) {
                    self.tracks[member].kept = Some(self.pack.best_weights(place)?);
                }
            }
        }
        let tracks = &self.tracks;
        let stays = |member: &usize| {
            let track = &tracks[*member];
            track.diverged_epoch.is_none() && !done(track)
        };
        let stay: Vec<bool> = self.places.iter().map(stays).collect();
        if stay.contains(&false) {
            self.places.retain(stays);
            self.pack.retain(&stay)?;
        }
        Ok(())
    }

    /// Makes the exact pass over the train rows where the best epoch of one of the members that are
    /// `asked` for is new.
    fn judge(&mut self, asked: impl Fn(&Track) -> bool) -> Result<(), EngineError> {
        let mut tracks = self.places.iter().map(|&member| &self.tracks[member]);
        if tracks.any(|track| asked(track) && track.train.is_none()) {
            let train = self.pack.evaluate(Part::Train, Which::Best)?;
            for (&member, train) in self.places.iter().zip(&train) {
                self.tracks[member].train = Some(PartScores::of(train));
            }
        }
        Ok(())
    }

    /// What became of every member so far.
    fn outcomes(&mut self) -> Result<Vec<MemberOutcome>, EngineError> {
        self.judge(|_| true)?;
        Ok(self.tracks.iter().map(Track::outcome).collect())
    }

    fn best_weights(&self, member: usize) -> Result<Weights, EngineError> {
        if let Some(kept) = &self.tracks[member].kept {
            return Ok(kept.clone());
        }
        match self.places.iter().position(|&other| other == member) {
            Some(place) => self.pack.best_weights(place),
            None => Err(EngineError::Left { member }),
        }
    }
}

impl Track {
    fn new(course: &Course) -> Self {
        Self {
            course: *course,
            rates: Rates::new(course),
            stopping: Stopping::new(course.early_stopping),
            epochs: 0,
            done: false,
            diverged_epoch: None,
            best: None,
            train: None,
            kept: None,
        }
    }

    /// Takes in an epoch; says whether it is to be kept as the best so far.
    fn note(
        &mut self,
        row: &EpochRow,
        valid: &Evaluation,
        test: &Evaluation,
        (rank_by, restore_best): (RankBy, bool),
    ) -> bool {
        self.epochs = row.epoch;
        if !row.train.loss.is_finite() || !row.valid.loss.is_finite() {
            self.diverged_epoch = Some(row.epoch);
            return false;
        }
        let valid = PartScores::of(valid);
        self.rates.note(valid.loss);
        let stops = self.stopping.note(valid.rising(rank_by));
        self.done = stops || row.epoch >= self.course.epochs;
        let is_better = |(_, best, _): (_, PartScores, _)| valid.beats(&best, rank_by);
        let improved = !restore_best || self.best.is_none_or(is_better);
        if improved {
            self.best = Some((row.epoch, valid, PartScores::of(test)));
            self.train = None;
        }
        improved
    }

    fn outcome(&self) -> MemberOutcome {
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

/// Both are no numbers where the part has no rows.
fn means(evaluation: &Evaluation) -> LossAccuracy {
    let PartScores { loss, accuracy, .. } = PartScores::of(evaluation);
    LossAccuracy { loss, accuracy }
}
