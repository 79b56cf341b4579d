//! What trials that are alike differ by.

use std::cmp::Ordering;

use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::effects::means;
use crate::report::axes::Axis;

/// How rarely noise alone is to make anything of a list look important.
const LEVEL: f64 = 0.05;

/// The variance of the score that no axis explains.
#[derive(Debug, Clone, Copy)]
pub(super) struct Noise {
    /// In the scale of the trials' sum of squares.
    pub square: f64,
    freedom: f64,
}

impl Noise {
    /// The spread of the units' means within their groups, each unit counting as often as it has
    /// trials; `None` if no freedom is left. `units` and `groups` are `[trials]`, numbered from 0.
    pub fn within(values: &[f64], units: &[usize], groups: &[usize], spent: usize) -> Option<Self> {
        let count = |groups: &[usize]| groups.iter().max().map_or(0, |last| last + 1);
        let (units_count, groups_count) = (count(units), count(groups));
        let taken = groups_count + spent;
        let freedom = units_count.checked_sub(taken).filter(|freedom| *freedom > 0)? as f64;
        let unit_means = means(values, units, units_count).0;
        let group_means = means(values, groups, groups_count).0;
        let apart = units.iter().zip(groups).map(|(unit, group)| {
            let apart = unit_means[*unit] - group_means[*group];
            apart * apart
        });
        Some(Self { square: apart.sum(), freedom })
    }

    /// The sum of squares that noise alone exceeds with `freedom` degrees of freedom in one of
    /// `tries` tries once in twenty times: the F-test's, after Bonferroni.
    pub fn exceeds(self, freedom: usize, tries: usize) -> f64 {
        let freedom = freedom as f64;
        let tested = FisherSnedecor::new(freedom, self.freedom);
        let least = |tested: FisherSnedecor| tested.inverse_cdf(1.0 - LEVEL / tries.max(1) as f64);
        tested.map_or(f64::INFINITY, least) * freedom * self.square / self.freedom
    }
}

/// Numbers the groups of trials that differ in no axis but those of the names `but`, from 0.
pub(super) fn partition(axes: &[Axis], trials: usize, but: &[&str]) -> Vec<usize> {
    let kept: Vec<&Axis> = axes.iter().filter(|axis| !but.contains(&axis.name.as_str())).collect();
    let compare = |one: &usize, other: &usize| {
        let by_axis = kept.iter().map(|axis| axis.levels[*one].cmp(&axis.levels[*other]));
        by_axis.fold(Ordering::Equal, Ordering::then)
    };
    let mut order: Vec<usize> = (0..trials).collect();
    order.sort_by(compare);
    let (mut groups, mut group) = (vec![0; trials], 0);
    for pair in order.windows(2) {
        group += usize::from(compare(&pair[0], &pair[1]).is_ne());
        groups[pair[1]] = group;
    }
    groups
}
