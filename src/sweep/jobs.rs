//! Cuts the trials into jobs: packs of networks of one shape.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::run::Settings;
use super::trials::Trial;
use crate::engine::{Engine, Member, OptimizerSettings, PackPlan};
use crate::random::Streams;
use crate::spec::{Fixed, Optimizer};
use crate::train::Course;

/// What a parameter of the best network takes on its way into the journal, in bytes: as a number of the
/// one before and of this one, and twice as text.
const KEPT: f64 = 20.0;

/// What a row of curves.csv takes until its trial ends, but for its [`Trial::rules`]: as text, and
/// again as a part of the journal's line.
const ROW: f64 = 320.0;

/// Networks of one shape that are trained together, on every fold.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// The networks. Trials that differ in nothing but `epochs` are one network, looked at after so
    /// many epochs: its random numbers do not depend on how long it will be trained, nor, unless its
    /// schedule does, its learning rates.
    networks: Vec<Vec<Trial>>,
    /// Numbers of its trials that need no training any more. Their networks stay in the pack, whose
    /// bits may depend on its size.
    ended: BTreeSet<usize>,
}

/// Cuts `trials` into jobs of at most `pack_size` networks, in order and about even. The cut
/// depends on the grid and on the engine alone, never on the number of threads.
pub fn plan(trials: Vec<Trial>, pack_size: usize) -> Vec<Job> {
    let mut shapes: IndexMap<_, IndexMap<_, Vec<Trial>>> = IndexMap::new();
    for trial in trials {
        let networks = shapes.entry(trial.shape()).or_default();
        networks.entry(trial.own()).or_default().push(trial);
    }
    let mut jobs = Vec::new();
    for networks in shapes.into_values() {
        let packs = networks.len().div_ceil(pack_size.max(1));
        let size = networks.len().div_ceil(packs);
        let mut networks = networks.into_values();
        jobs.extend((0..packs).map(|_| Job::of(networks.by_ref().take(size).collect())));
    }
    jobs
}

/// Cuts jobs whose packs take more than `most` bytes into halves, until they take less or train a
/// single network.
pub fn fit(jobs: Vec<Job>, most: f64, bytes: &dyn Fn(&Job) -> f64) -> Vec<Job> {
    let halve = |job: Job| {
        if job.networks.len() < 2 || bytes(&job) <= most {
            return vec![job];
        }
        let mut first = job.networks;
        let second = first.split_off(first.len().div_ceil(2));
        fit(vec![Job::of(first), Job::of(second)], most, bytes)
    };
    jobs.into_iter().flat_map(halve).collect()
}

/// The jobs that are still to be done when the trials of the numbers in `ended` have ended.
pub fn remaining(mut jobs: Vec<Job>, ended: &BTreeSet<usize>) -> Vec<Job> {
    for job in &mut jobs {
        let numbers = job.networks.iter().flatten().map(|trial| trial.number);
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
    fn of(networks: Vec<Vec<Trial>>) -> Self {
        Self { networks, ended: BTreeSet::new() }
    }

    /// A trial's alone.
    pub(super) fn alone(trial: Trial) -> Self {
        Self::of(vec![vec![trial]])
    }

    /// Its trials that are to be trained.
    pub fn trials(&self) -> impl Iterator<Item = &Trial> {
        self.networks.iter().flat_map(|network| self.of_network(network))
    }

    /// Its networks, each with its trials that are to be trained.
    pub fn networks(&self) -> impl ExactSizeIterator<Item = impl Iterator<Item = &Trial>> {
        self.networks.iter().map(|network| self.of_network(network))
    }

    fn of_network<'a>(&'a self, network: &'a [Trial]) -> impl Iterator<Item = &'a Trial> {
        network.iter().filter(|trial| !self.ended.contains(&trial.number))
    }

    /// The numbers of epochs that its trials ask for, ascending: those of trials that have ended, too,
    /// since the bits of an exact pass may depend on how many members the pack still has.
    pub(super) fn lengths(&self) -> Vec<u32> {
        let lengths = self.networks.iter().flatten().map(|trial| trial.epochs);
        lengths.collect::<BTreeSet<u32>>().into_iter().collect()
    }

    /// For how many epochs each of its networks is trained, at most.
    pub fn epochs(&self) -> impl Iterator<Item = u32> {
        self.networks.iter().map(|network| longest(network))
    }

    /// What it costs, in parameters times epochs (saturating: what no machine could train).
    pub(super) fn cost(&self, settings: &Settings) -> u64 {
        let parameters = settings.largest(&self.networks[0][0]).parameters() as u64;
        self.epochs().map(u64::from).sum::<u64>().saturating_mul(parameters)
    }

    /// About the memory that its pack takes, in bytes.
    pub fn bytes(&self, engine: &dyn Engine, settings: &Settings) -> f64 {
        let plan = self.pack(settings);
        let rows = |trial: &Trial| {
            let rules = 2.0 * trial.rules().len() as f64;
            f64::from(trial.epochs) * settings.folds as f64 * (ROW + rules)
        };
        let rows: f64 = self.trials().map(rows).sum();
        engine.bytes(&plan) + KEPT * plan.architecture.parameters() as f64 + rows
    }

    /// The pack of this job: its networks on the first fold, then on the next.
    pub fn pack(&self, settings: &Settings) -> PackPlan {
        let shape = &self.networks[0][0];
        let member = |fold: usize, trial: &Trial| Member {
            learning_rate: trial.learning_rate,
            weight_decay: trial.weight_decay,
            dropout: trial.dropout,
            class_weights: {
                settings.classes.weights(&trial.class_weight, settings.place(trial, fold))
            },
            regularisers: trial.regularisers,
            fold: settings.place(trial, fold),
            streams: Streams::new(settings.seed, trial.seed, fold as u32),
        };
        let on_fold =
            |fold: usize| self.networks.iter().map(move |network| member(fold, &network[0]));
        PackPlan {
            architecture: settings.largest(shape),
            batch_size: shape.batch_size,
            optimizer: optimizer(shape.optimizer, &settings.fixed),
            members: (0..settings.folds).flat_map(on_fold).collect(),
        }
    }

    /// How the members of its pack are trained, in the same order.
    pub(super) fn courses(&self, settings: &Settings) -> Vec<Course> {
        let course = |fold: usize, network: &[Trial]| {
            let trial = &network[0];
            let rows = settings.classes.rows(settings.place(trial, fold));
            Course {
                learning_rate: trial.learning_rate,
                lr_schedule: trial.lr_schedule,
                early_stopping: trial.early_stopping,
                steps: rows.div_ceil(trial.batch_size),
                epochs: longest(network),
            }
        };
        let on_fold = |fold: usize| self.networks.iter().map(move |network| course(fold, network));
        (0..settings.folds).flat_map(on_fold).collect()
    }
}

/// The most epochs that trials ask for.
fn longest(trials: &[Trial]) -> u32 {
    trials.iter().map(|trial| trial.epochs).max().unwrap_or(0)
}

/// The optimizer with the settings of the grid file's `fixed`.
fn optimizer(name: Optimizer, fixed: &Fixed) -> OptimizerSettings {
    match name {
        Optimizer::Sgd => OptimizerSettings::Sgd {
            momentum: fixed.sgd.momentum.get(),
            nesterov: fixed.sgd.nesterov,
        },
        Optimizer::Adam | Optimizer::AdamW => {
            let decoupled = name == Optimizer::AdamW;
            let adam = if decoupled { &fixed.adamw } else { &fixed.adam };
            let betas = (adam.betas[0].get(), adam.betas[1].get());
            OptimizerSettings::Adam { betas, eps: adam.eps.get(), decoupled }
        }
        Optimizer::RmsProp => OptimizerSettings::RmsProp {
            alpha: fixed.rmsprop.alpha.get(),
            eps: fixed.rmsprop.eps.get(),
            momentum: fixed.rmsprop.momentum.get(),
        },
    }
}
