//! The loop over the rounds of a job: train, evaluate, remember the best round of every member.

mod member_state;
mod refit;
mod scores;
mod stopping;

pub use member_state::{BestEpoch, MemberOutcome};
pub use refit::refit;
pub use scores::PartScores;

use crate::engine::{Evaluation, LossAccuracy, Snapshot};
use crate::examples::Part;
use crate::families::{FitError, Fitted, Learner};
use crate::metrics::Score;
use crate::spec::EarlyStopping;
use member_state::MemberState;

/// How long to train, and which round is best.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// The schedule of each member of the job.
    pub members: Vec<MemberSchedule>,
    /// The numbers of rounds after which to report outcomes, ascending. The last is the end; the outcome of a
    /// shorter training is reported on the way.
    pub lengths: Vec<u32>,
    /// The score that picks the best round.
    pub rank_by: Score,
    /// The number of rounds between rows of the curves; each of the lengths has one, too.
    pub every: u32,
}

/// The schedule of one member.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MemberSchedule {
    /// The rule by which it ends before its last round.
    pub early_stopping: EarlyStopping,
    /// Its number of rounds.
    pub rounds: u32,
    /// Whether it keeps the best round on validation rows; otherwise the last.
    pub picks_round: bool,
}

impl MemberSchedule {
    /// Whether each round is evaluated for a decision.
    fn is_watched(&self) -> bool {
        self.picks_round || matches!(self.early_stopping, EarlyStopping::Patience(_))
    }
}

/// Observes the training of a job.
pub trait Follower {
    /// A round of `trained` members has ended: a row of the curves for every member, `None` for those
    /// that left the job earlier, and for all where the curves have no row.
    fn round(&mut self, rows: &[Option<EpochRow>], trained: usize);

    /// One of the schedule's lengths is reached: the outcome of every member so far. `best`
    /// gives a member's best model, if it has one.
    ///
    /// # Errors
    /// [`FitError`] when the model is not available.
    fn length(
        &mut self,
        length: u32,
        outcomes: &[MemberOutcome],
        best: &dyn Fn(usize) -> Result<Fitted, FitError>,
    ) -> Result<(), FitError>;
}

/// Loss and accuracy of one member after one round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpochRow {
    /// The round, from 1.
    pub epoch: u32,
    /// Of a network, running means over the epoch's batches, else of an exact pass.
    pub train: LossAccuracy,
    /// An exact pass after the round.
    pub valid: LossAccuracy,
    /// An exact pass after the round.
    pub test: LossAccuracy,
    /// Whether the member ends here.
    pub is_last: bool,
}

/// A job in training.
struct Training<'a> {
    learner: Box<dyn Learner + 'a>,
    states: Vec<MemberState>,
    /// The members still in the job: those that diverge or are done leave it.
    places: Vec<usize>,
    schedule: &'a Schedule,
}

/// Trains a job to its last round.
///
/// # Errors
/// [`FitError`] when the learner or the follower gives up, or the run is stopping.
pub fn train(
    learner: Box<dyn Learner + '_>,
    schedule: &Schedule,
    follower: &mut dyn Follower,
) -> Result<(), FitError> {
    let states = schedule.members.iter().map(MemberState::new).collect();
    let places = (0..schedule.members.len()).collect();
    let mut training = Training { learner, states, places, schedule };
    let mut round = 0;
    for &length in &schedule.lengths {
        while round < length && !training.places.is_empty() {
            round += 1;
            let trained = training.places.len();
            follower.round(&training.round(round)?, trained);
        }
        let outcomes = training.outcomes()?;
        follower.length(length, &outcomes, &|member| training.best(member))?;
    }
    Ok(())
}

impl Training<'_> {
    /// Trains and evaluates one round; returns the rows of the curves.
    fn round(&mut self, round: u32) -> Result<Vec<Option<EpochRow>>, FitError> {
        let go_on = self.learner.round()?;
        let mut rows = vec![None; self.states.len()];
        let is_shown = round.is_multiple_of(self.schedule.every)
            || self.schedule.lengths.contains(&round)
            || go_on.contains(&false);
        let is_watched = |&member: &usize| self.states[member].schedule.is_watched();
        let decides = self.learner.is_observant() || self.places.iter().any(is_watched);
        if !is_shown && !decides {
            return Ok(rows);
        }
        let train = self.learner.progress()?;
        let valid = self.learner.evaluate(Part::Valid, Snapshot::Current)?;
        let test = self.learner.evaluate(Part::Test, Snapshot::Current)?;
        let losses: Vec<f64> = valid.iter().map(|valid| means(valid).loss).collect();
        self.learner.observe(&losses);
        let mut improved = Vec::with_capacity(self.places.len());
        for (place, &member) in self.places.iter().enumerate() {
            let (train, valid, test) = (train[place], &valid[place], &test[place]);
            let (epoch, valid_means, test_means) = (round, means(valid), means(test));
            let row =
                EpochRow { epoch, train, valid: valid_means, test: test_means, is_last: false };
            let state = &mut self.states[member];
            improved.push(state.observe(&row, valid, test, self.schedule.rank_by));
            state.done |= !go_on[place];
            let is_last = state.done || state.diverged_epoch.is_some();
            rows[member] = (is_shown || is_last).then_some(EpochRow { is_last, ..row });
        }
        if improved.contains(&true) {
            self.learner.keep_best(&improved)?;
        }
        let last = self.schedule.lengths.last().copied().unwrap_or(0);
        self.retire(round < last)?;
        Ok(rows)
    }

    /// Removes members, so that the others train faster: those that diverged and, where the others
    /// `go_on`, those that are done, whose best model is kept.
    fn retire(&mut self, go_on: bool) -> Result<(), FitError> {
        let done = |state: &MemberState| go_on && state.done;
        if self.places.iter().any(|&member| done(&self.states[member])) {
            self.judge(done)?;
            for (place, &member) in self.places.iter().enumerate() {
                if done(&self.states[member]) {
                    self.states[member].kept = Some(self.learner.best(place)?);
                }
            }
        }
        let states = &self.states;
        let stays = |member: &usize| {
            let state = &states[*member];
            state.diverged_epoch.is_none() && !done(state)
        };
        let stay: Vec<bool> = self.places.iter().map(stays).collect();
        if stay.contains(&false) {
            self.places.retain(stays);
            self.learner.retain(&stay)?;
        }
        Ok(())
    }

    /// Evaluates the train rows exactly, if one of the members that are
    /// `asked` for has a new best round.
    fn judge(&mut self, asked: impl Fn(&MemberState) -> bool) -> Result<(), FitError> {
        let mut states = self.places.iter().map(|&member| &self.states[member]);
        if states.any(|state| asked(state) && state.train.is_none()) {
            let train = self.learner.evaluate(Part::Train, Snapshot::Best)?;
            for (&member, train) in self.places.iter().zip(&train) {
                self.states[member].train = Some(PartScores::of(train, self.schedule.rank_by));
            }
        }
        Ok(())
    }

    /// The outcome of every member so far.
    fn outcomes(&mut self) -> Result<Vec<MemberOutcome>, FitError> {
        self.judge(|_| true)?;
        Ok(self.states.iter().map(MemberState::outcome).collect())
    }

    fn best(&self, member: usize) -> Result<Fitted, FitError> {
        if let Some(kept) = &self.states[member].kept {
            return Ok(kept.clone());
        }
        match self.places.iter().position(|&other| other == member) {
            Some(place) => self.learner.best(place),
            None => Err(FitError::Left { member }),
        }
    }
}

/// Both are NaN where the part has no rows.
fn means(evaluation: &Evaluation) -> LossAccuracy {
    if evaluation.confusion.total() == 0 {
        return LossAccuracy { loss: f64::NAN, accuracy: f64::NAN };
    }
    LossAccuracy { loss: evaluation.loss, accuracy: evaluation.confusion.accuracy() }
}
