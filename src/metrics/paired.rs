//! The difference of two configurations, told apart from the noise of seeds and folds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use statrs::distribution::{ContinuousCDF, StudentsT};

/// How far a score of one side lies from that of another, over the seeds and folds of both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The mean of the differences, pair by pair.
    pub mean: f64,
    /// Its 95 % interval; nothing of a single pair, nor where a score is not finite.
    pub interval: Option<[f64; 2]>,
}

impl Difference {
    /// The differences of `ours` from `theirs`, one pair a seed and fold. `held_out` is how many rows
    /// are held out for each that is trained on, where the pairs are folds of the same rows, and 0
    /// where they are not: folds share most of their train rows, so that their differences vary less
    /// than those of new rows would. The interval is that of the corrected resampled t-test (Nadeau and
    /// Bengio 2003): variance · (1 / pairs + `held_out`), Student's t with pairs - 1 degrees of freedom.
    pub fn new(ours: &[f64], theirs: &[f64], held_out: f64) -> Option<Self> {
        let apart: Vec<f64> = ours.iter().zip(theirs).map(|(ours, theirs)| ours - theirs).collect();
        let pairs = apart.len() as f64;
        if apart.is_empty() {
            return None;
        }
        let mean = apart.iter().sum::<f64>() / pairs;
        let interval = StudentsT::new(0.0, 1.0, pairs - 1.0).ok().map(|student| {
            let squares: f64 = apart.iter().map(|one| (one - mean).powi(2)).sum();
            let variance = squares / (pairs - 1.0) * (1.0 / pairs + held_out);
            let reach = student.inverse_cdf(0.975) * variance.sqrt();
            [mean - reach, mean + reach]
        });
        let finite = |ends: &[f64; 2]| ends.iter().all(|end| end.is_finite());
        Some(Self { mean, interval: interval.filter(finite) })
    }

    /// Whether it is larger than the noise of seeds and folds; `None` if one pair tells of none.
    pub fn is_larger_than_noise(&self) -> Option<bool> {
        self.interval.map(|[low, high]| low > 0.0 || high < 0.0)
    }
}

/// A score of every training of one configuration, by seed and fold; the seed is `None` where the family
/// has none, since nothing in it is drawn at random.
pub type ByTraining<S> = BTreeMap<(Option<S>, u64), f64>;

/// The scores of two configurations, pair by pair, on what both were trained on. Where both have seeds a
/// pair is an equal seed and fold. Where one has none a pair is a fold, with means over the seeds: the
/// same training is not counted once for every seed of the other.
pub fn pair<S: Ord>(ours: &ByTraining<S>, theirs: &ByTraining<S>) -> (Vec<f64>, Vec<f64>) {
    let is_seeded = |all: &ByTraining<S>| all.keys().all(|(seed, _)| seed.is_some());
    if is_seeded(ours) && is_seeded(theirs) {
        return ours.iter().filter_map(|(key, ours)| Some((*ours, *theirs.get(key)?))).unzip();
    }
    let folds = |all: &ByTraining<S>| all.keys().map(|(_, fold)| *fold).collect::<BTreeSet<u64>>();
    let mean = |all: &ByTraining<S>, wanted: u64| {
        let on_fold: Vec<f64> =
            all.iter().filter(|((_, fold), _)| *fold == wanted).map(|(_, score)| *score).collect();
        on_fold.iter().sum::<f64>() / on_fold.len() as f64
    };
    let both = folds(ours).intersection(&folds(theirs)).copied().collect::<Vec<u64>>();
    both.into_iter().map(|fold| (mean(ours, fold), mean(theirs, fold))).unzip()
}

impl fmt::Display for Difference {
    /// With its interval, and whether it is larger than the noise.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:+.4}", self.mean)?;
        if let (Some([low, high]), Some(larger)) = (self.interval, self.is_larger_than_noise()) {
            let word = if larger { "more than noise" } else { "within the noise" };
            write!(formatter, " ({low:+.4} to {high:+.4}), {word}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_interval_is_that_of_the_paired_t_test() {
        // scipy.stats.ttest_rel([.9, .8, .7, .85], [.85, .78, .72, .8]).confidence_interval(0.95)
        let ours = [0.9, 0.8, 0.7, 0.85];
        let theirs = [0.85, 0.78, 0.72, 0.8];
        let found = Difference::new(&ours, &theirs, 0.0).unwrap();
        let [low, high] = found.interval.unwrap();
        assert!((found.mean - 0.025).abs() < 1e-12);
        assert!((low + 0.027_774_901_55).abs() < 1e-9 && (high - 0.077_774_901_55).abs() < 1e-9);
        assert_eq!(found.is_larger_than_noise(), Some(false));
    }

    #[test]
    fn folds_of_the_same_rows_widen_it() {
        // Five folds: a held-out row for each four that are trained on.
        let ours = [0.05, 0.04, 0.06, 0.05, 0.045];
        let plain = Difference::new(&ours, &[0.0; 5], 0.0).unwrap();
        let folds = Difference::new(&ours, &[0.0; 5], 0.25).unwrap();
        let width = |found: Difference| found.interval.map(|[low, high]| high - low).unwrap();
        assert!((width(folds) / width(plain) - (0.45_f64 / 0.2).sqrt()).abs() < 1e-9);
        assert_eq!(folds.is_larger_than_noise(), Some(true));
    }

    #[test]
    fn a_single_pair_tells_of_no_noise_and_none_of_nothing() {
        let one = Difference::new(&[0.5], &[0.4], 0.25).unwrap();
        assert!(one.interval.is_none() && one.is_larger_than_noise().is_none());
        assert!(Difference::new(&[], &[], 0.0).is_none());
        let overflown = Difference::new(&[f64::INFINITY, 0.5], &[0.4, 0.4], 0.0).unwrap();
        assert!(overflown.is_larger_than_noise().is_none());
        let same = Difference::new(&[0.5, 0.5], &[0.5, 0.5], 0.0).unwrap();
        assert_eq!(same.is_larger_than_noise(), Some(false));
    }

    fn scores(all: &[(Option<u64>, u64, f64)]) -> ByTraining<u64> {
        all.iter().map(|&(seed, fold, score)| ((seed, fold), score)).collect()
    }

    #[test]
    fn pairs_are_the_seeds_and_folds_that_both_have() {
        let ours = scores(&[(Some(0), 0, 0.1), (Some(0), 1, 0.2), (Some(1), 0, 0.3)]);
        let theirs = scores(&[(Some(0), 1, 0.5), (Some(1), 0, 0.6), (Some(2), 0, 0.7)]);
        assert_eq!(pair(&ours, &theirs), (vec![0.2, 0.3], vec![0.5, 0.6]));
        let others = scores(&[(Some(7), 0, 0.5)]);
        assert_eq!(pair(&ours, &others), (vec![], vec![]));
    }

    #[test]
    fn a_family_without_a_seed_is_paired_fold_by_fold_with_means_over_seeds() {
        let ours = scores(&[(Some(0), 0, 0.25), (Some(1), 0, 0.75), (Some(0), 2, 0.5)]);
        let theirs = scores(&[(None, 0, 0.4), (None, 1, 0.3), (None, 2, 0.2)]);
        assert_eq!(pair(&ours, &theirs), (vec![0.5, 0.5], vec![0.4, 0.2]));
        assert_eq!(pair(&theirs, &ours), (vec![0.4, 0.2], vec![0.5, 0.5]));
        assert_eq!(pair(&theirs, &theirs).0, [0.4, 0.3, 0.2]);
    }
}
