//! Cuts the trials into jobs: trainings that can go side by side.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::run::Settings;
use super::trials::Trial;
use crate::engine::Engine;
use crate::families::{Context, Dataset, Member, Recipe, Size};
use crate::random::Streams;
use crate::train::{MemberSchedule, Schedule};

/// What a row of curves.csv takes until its trial ends, apart from its settings: as text, and again as a part
/// of the journal's line.
const ROW: f64 = 320.0;

/// Trainings of one shape that go side by side, on every fold.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// The trainings. Trials that differ only in their rounds are one, evaluated after each
    /// of them: its random numbers do not depend on how long it will be trained, nor, unless its
    /// schedule does, its learning rates.
    trainings: Vec<Vec<Trial>>,
    /// Numbers of its trials that need no training any more. Their trainings stay in the job, whose
    /// bits may depend on its size.
    ended: BTreeSet<usize>,
}

/// Cuts `trials` into jobs of at most as many trainings as their families want, in order and about even.
/// The cut depends on the grid and on the engine alone, never on the number of threads.
pub fn plan(trials: Vec<Trial>, engine: &dyn Engine) -> Vec<Job> {
    let mut shapes: IndexMap<_, IndexMap<_, Vec<Trial>>> = IndexMap::new();
    for trial in trials {
        let trainings = shapes.entry(trial.shape()).or_default();
        trainings.entry(trial.recipe().own()).or_default().push(trial);
    }
    let mut jobs = Vec::new();
    for trainings in shapes.into_values() {
        let most =
            trainings.values().next().map_or(1, |trials| trials[0].recipe().pack_size(engine));
        let packs = trainings.len().div_ceil(most.max(1));
        let size = trainings.len().div_ceil(packs);
        let mut trainings = trainings.into_values();
        jobs.extend((0..packs).map(|_| Job::of(trainings.by_ref().take(size).collect())));
    }
    jobs
}

/// Cuts jobs that take more than `most` bytes into halves, until they take less or have a single
/// training.
pub fn fit(jobs: Vec<Job>, most: f64, bytes: &dyn Fn(&Job) -> f64) -> Vec<Job> {
    let halve = |job: Job| {
        if job.trainings.len() < 2 || bytes(&job) <= most {
            return vec![job];
        }
        let mut first = job.trainings;
        let second = first.split_off(first.len().div_ceil(2));
        fit(vec![Job::of(first), Job::of(second)], most, bytes)
    };
    jobs.into_iter().flat_map(halve).collect()
}

/// The jobs that are still to be done when the trials of the numbers in `ended` have ended.
pub fn remaining(mut jobs: Vec<Job>, ended: &BTreeSet<usize>) -> Vec<Job> {
    for job in &mut jobs {
        let numbers = job.trainings.iter().flatten().map(|trial| trial.number);
        job.ended = numbers.filter(|number| ended.contains(number)).collect();
    }
    jobs.retain(|job| job.trials().next().is_some());
    jobs
}

/// The first jobs, by their trials' numbers, that have at most `most` trials together; at least one.
/// Those with trials in `failed` come last: they may fail for ever.
pub fn first(mut jobs: Vec<Job>, most: usize, failed: &BTreeSet<usize>) -> Vec<Job> {
    jobs.sort_by_key(|job| {
        let has_failed = job.trials().any(|trial| failed.contains(&trial.number));
        (has_failed, job.trials().map(|trial| trial.number).min())
    });
    let mut trials = 0;
    let fits = jobs.iter().take_while(|job| {
        trials += job.trials().count();
        trials <= most
    });
    let count = fits.count().max(1);
    jobs.truncate(count);
    jobs
}

impl Job {
    fn of(trainings: Vec<Vec<Trial>>) -> Self {
        Self { trainings, ended: BTreeSet::new() }
    }

    /// A trial's alone.
    pub(super) fn alone(trial: Trial) -> Self {
        Self::of(vec![vec![trial]])
    }

    /// Its trials that are to be trained.
    pub fn trials(&self) -> impl Iterator<Item = &Trial> {
        self.trainings.iter().flat_map(|training| self.of_training(training))
    }

    /// Its trainings, each with its trials that are to be trained.
    pub fn trainings(&self) -> impl ExactSizeIterator<Item = impl Iterator<Item = &Trial>> {
        self.trainings.iter().map(|training| self.of_training(training))
    }

    fn of_training<'a>(&'a self, training: &'a [Trial]) -> impl Iterator<Item = &'a Trial> {
        training.iter().filter(|trial| !self.ended.contains(&trial.number))
    }

    /// The numbers of rounds that its trials ask for, ascending: those of trials that have ended, too,
    /// since the bits of an exact pass may depend on how many members the job still has.
    fn lengths(&self) -> Vec<u32> {
        let lengths = self.trainings.iter().flatten().map(Trial::rounds);
        lengths.collect::<BTreeSet<u32>>().into_iter().collect()
    }

    /// For how many rounds each of its trainings goes on, at most.
    pub fn rounds(&self) -> impl Iterator<Item = u32> {
        self.trainings.iter().map(|training| longest(training).rounds())
    }

    /// That of its first training, which the others share but for what is their own.
    pub(super) fn recipe(&self) -> &dyn Recipe {
        longest(&self.trainings[0]).recipe()
    }

    /// About how long it takes (saturating: what no machine could train).
    pub(super) fn cost(&self, data: &Dataset<'_>) -> u64 {
        let round = self.recipe().cost(data, self.trainings[0][0].preparation);
        self.rounds().map(u64::from).sum::<u64>().saturating_mul(round)
    }

    /// About what it takes in memory.
    pub fn size(&self, cx: &Context<'_>, settings: &Settings<'_>) -> Size {
        let rows = |trial: &Trial| {
            let text = 2.0 * trial.recipe().own().len() as f64;
            f64::from(trial.rounds()) * settings.data.count() as f64 * (ROW + text)
        };
        let rows: f64 = self.trials().map(rows).sum();
        let size = self.recipe().size(&self.members(settings), cx);
        Size { bytes: size.bytes + rows, ..size }
    }

    /// Its members: its trainings on the first fold, then on the next.
    pub(super) fn members<'a>(&'a self, settings: &Settings<'a>) -> Vec<Member<'a>> {
        let data = &settings.data;
        let member = |fold: usize, training: &'a Vec<Trial>| {
            let trial = longest(training);
            let recipe = trial.recipe();
            let place = data.place(trial.preparation, fold);
            Member {
                params: &trial.params,
                place,
                fold: data.fold(trial.preparation, fold),
                class_weights: {
                    recipe.class_weight().and_then(|weight| data.weights(weight, place))
                },
                streams: Streams::new(settings.seed, recipe.seed().unwrap_or(0), fold as u32),
            }
        };
        let on_fold =
            |fold: usize| self.trainings.iter().map(move |training| member(fold, training));
        (0..data.count()).flat_map(on_fold).collect()
    }

    /// How its members are trained, in the same order, and until when.
    pub(super) fn schedule(&self, settings: &Settings<'_>) -> Schedule {
        let member = |training: &Vec<Trial>| {
            let recipe = longest(training).recipe();
            MemberSchedule {
                early_stopping: recipe.early_stopping(),
                rounds: recipe.rounds(),
                picks_round: recipe.picks_round() && settings.restore_best,
            }
        };
        let of_fold: Vec<MemberSchedule> = self.trainings.iter().map(member).collect();
        Schedule {
            members: of_fold.repeat(settings.data.count()),
            lengths: self.lengths(),
            rank_by: settings.rank_by,
            every: settings.curve_every,
        }
    }
}

/// The trial with the most rounds; of ties, the first.
fn longest(trials: &[Trial]) -> &Trial {
    let longest =
        trials.iter().reduce(|one, other| if other.rounds() > one.rounds() { other } else { one });
    longest.unwrap_or(&trials[0])
}
