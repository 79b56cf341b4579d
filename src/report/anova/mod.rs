//! How much of the score each hyperparameter explains: a functional analysis of variance.
//!
//! A grid needs no model of the score between its points, as random search does (Hutter, Hoos and
//! Leyton-Brown 2014): on a complete grid the means by value are the exact effects. What divides the
//! best tenth from the rest (PED-ANOVA) would rest on five of fifty trials.

mod effects;
mod noise;

use serde::Serialize;

use super::axes::{Axis, Scored};
use crate::spec::Family;
use effects::Effects;
use noise::{Noise, partition};

/// The axis that repeats a training with other random numbers.
const SEED: &str = "seed";

/// The axes along which trials share a training: the rounds of each family.
fn rounds() -> Vec<&'static str> {
    Family::ALL.iter().map(|family| family.rounds_axis()).collect()
}

/// Whether trials share a training along an axis.
fn is_of_rounds(axis: &Axis) -> bool {
    rounds().contains(&axis.name.as_str())
}

/// The most pairs of axes that are told.
const MOST_PAIRS: usize = 5;

/// Losses that span more than this factor are compared by their logarithms, as charts draw them.
const LOG_RATIO: f64 = 100.0;

/// What explains the variance of the score between trials.
#[derive(Debug, Serialize)]
pub(super) struct Anova {
    /// Each axis alone: those above noise first, the seed last, by share.
    pub single: Vec<Explained>,
    /// What two axes explain together beyond each alone, where that is more than noise; largest first.
    pub pairs: Vec<Explained>,
    /// What `single` and `pairs` leave: other pairs, more axes together, noise.
    pub rest: f64,
    /// What trials differ by that repeat one another with other seeds; `None` if none does, and
    /// noise is estimated by what axes leave over.
    pub repeats: Option<f64>,
    /// Whether the logarithm of the score is explained.
    pub logarithm: bool,
}

/// What axes explain.
#[derive(Debug, Serialize)]
pub(super) struct Explained {
    /// Places among the axes: one, or two.
    pub axes: Vec<usize>,
    /// Of the variance of the score.
    pub share: f64,
    /// What noise alone exceeds once in twenty such reports.
    pub by_chance: Option<f64>,
    pub verdict: Verdict,
}

/// Whether a share is above what noise alone would explain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    AboveNoise,
    Noise,
    /// There is no trial more than effects to tell noise by.
    Unknown,
}

/// Explains the scores by the axes; `None` if all scores are equal.
pub(super) fn explain(trials: &Scored, lower_is_better: bool) -> Option<Anova> {
    let Scored { axes, scores, .. } = trials;
    let (low, high) = scores
        .iter()
        .fold((f64::INFINITY, 0.0_f64), |(low, high), score| (low.min(*score), high.max(*score)));
    let logarithm = lower_is_better && low > 0.0 && high / low > LOG_RATIO;
    let scores: Vec<f64> =
        scores.iter().map(|score| if logarithm { score.ln() } else { *score }).collect();
    let effects = Effects::fit(axes, &scores)?;
    let ground = Ground::new(axes, &scores);
    let single = single(&effects, &ground);
    let pairs = pairs(&effects, &ground);
    let told: f64 = single.iter().chain(&pairs).map(|share| share.share).sum();
    let repeats = ground.repeats.then(|| ground.noise(&[], 0, false)).flatten();
    Some(Anova {
        rest: (1.0 - told).max(0.0),
        repeats: repeats.map(|noise| noise.square / effects.total),
        single,
        pairs,
        logarithm,
    })
}

/// What the noise is told by: which trials are one training, and which trainings one configuration.
struct Ground<'a> {
    scores: &'a [f64],
    every: Vec<usize>,
    trainings: Vec<usize>,
    /// Trials alike in all but the seed, and the same with all epochs together.
    configurations: [Vec<usize>; 2],
    repeats: bool,
}

impl<'a> Ground<'a> {
    fn new(axes: &[Axis], scores: &'a [f64]) -> Self {
        let count = scores.len();
        let trainings = partition(axes, count, &rounds());
        let configurations =
            [vec![SEED], [&[SEED][..], &rounds()].concat()].map(|but| partition(axes, count, &but));
        let repeats = trainings.iter().max() > configurations[1].iter().max();
        Self { scores, every: (0..count).collect(), trainings, configurations, repeats }
    }

    /// The noise by repeats, or else by what effects leave; `spent` are the degrees of freedom that
    /// these took. Trials of one training share their noise, so they count as one, but for what the
    /// number of epochs explains.
    fn noise(&self, rest: &[f64], spent: usize, is_by_training: bool) -> Option<Noise> {
        let units = if is_by_training { &self.trainings } else { &self.every };
        if self.repeats {
            let configurations = &self.configurations[usize::from(is_by_training)];
            return Noise::within(self.scores, units, configurations, 0);
        }
        Noise::within(rest, units, &vec![0; rest.len()], spent)
    }
}

fn single(effects: &Effects, ground: &Ground) -> Vec<Explained> {
    let tries = effects.axes.iter().filter(|axis| axis.name != SEED).count();
    let single = effects.axes.iter().enumerate().map(|(place, axis)| {
        let is_by_training = !is_of_rounds(axis);
        let spent = effects.spent(is_by_training);
        let noise = ground.noise(&effects.rest, spent, is_by_training);
        let by_chance = noise.map(|noise| noise.exceeds(axis.values.len() - 1, tries));
        let by_chance = by_chance.map(|square| square / effects.total);
        let share = effects.share(place);
        let is_seed = axis.name == SEED;
        let verdict = if is_seed { Verdict::Noise } else { verdict(share, by_chance) };
        Explained { axes: vec![place], share, by_chance, verdict }
    });
    let mut single: Vec<Explained> = single.collect();
    single.sort_by(|one, other| {
        let last = |share: &Explained| {
            let is_seed = share.axes.iter().any(|place| effects.axes[*place].name == SEED);
            (share.verdict == Verdict::Noise, is_seed)
        };
        last(one).cmp(&last(other)).then(other.share.total_cmp(&one.share))
    });
    single
}

fn pairs(effects: &Effects, ground: &Ground) -> Vec<Explained> {
    let axes = effects.axes;
    let places: Vec<usize> = (0..axes.len()).filter(|place| axes[*place].name != SEED).collect();
    let tries = places.len() * places.len().saturating_sub(1) / 2;
    let mut pairs = Vec::new();
    for (index, &one) in places.iter().enumerate() {
        for &other in &places[index + 1..] {
            let Some(pair) = effects.pair(one, other) else { continue };
            let is_by_training = [one, other].iter().all(|place| !is_of_rounds(&axes[*place]));
            let spent = effects.spent(is_by_training) + pair.freedom;
            let noise = ground.noise(&pair.rest, spent, is_by_training);
            let by_chance = noise.map(|noise| noise.exceeds(pair.freedom, tries) / effects.total);
            let verdict = verdict(pair.share, by_chance);
            if verdict == Verdict::AboveNoise {
                pairs.push(Explained {
                    axes: vec![one, other],
                    share: pair.share,
                    by_chance,
                    verdict,
                });
            }
        }
    }
    pairs.sort_by(|one, other| other.share.total_cmp(&one.share));
    pairs.truncate(MOST_PAIRS);
    pairs
}

fn verdict(share: f64, by_chance: Option<f64>) -> Verdict {
    // Rounding makes shares of 1e-17 where there is nothing at all.
    match by_chance {
        None => Verdict::Unknown,
        Some(limit) if share > limit + 1e-9 => Verdict::AboveNoise,
        Some(_) => Verdict::Noise,
    }
}

#[cfg(test)]
mod tests;
