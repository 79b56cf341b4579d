//! Standings of the families of a run: the best configuration of each, and its difference from
//! the first.

use super::configurations::{Configuration, best_of_families};
use super::run::TrialResult;
use super::trials::Columns;
use crate::examples::Part;
use crate::metrics::{Difference, Score, pair};

/// The best configuration of a family.
#[derive(Debug, Clone)]
pub struct Standing<'a> {
    /// The configuration.
    pub best: Configuration<'a>,
    /// Its difference from the first family's; `None` for the first itself.
    pub apart: Option<Apart>,
}

/// The difference of two configurations' ranking scores, on the seeds and folds that they share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Apart {
    /// How many pairs of trainings there are.
    pub pairs: usize,
    /// On validation rows.
    pub valid: Option<Difference>,
    /// On test rows; `None` where there are none.
    pub test: Option<Difference>,
}

/// The families with a trial that finished, the best first. `held_out` is as [`Difference::new`] has it.
pub fn standings<'a>(
    results: &'a [TrialResult],
    columns: &Columns,
    rank_by: Score,
    held_out: f64,
) -> Vec<Standing<'a>> {
    let best = best_of_families(results, columns, rank_by);
    let apart = |one: &Configuration<'a>| {
        let first = best.first().filter(|first| first.number() != one.number())?;
        let on = |part: Part| {
            let scores = |one: &Configuration<'a>| {
                one.by_training(|parts| parts[part as usize].score(rank_by))
            };
            pair(&scores(one), &scores(first))
        };
        let (ours, theirs) = on(Part::Valid);
        let (on_test, theirs_on_test) = on(Part::Test);
        let test = Difference::new(&on_test, &theirs_on_test, held_out);
        Some(Apart {
            pairs: ours.len(),
            valid: Difference::new(&ours, &theirs, held_out),
            test: test.filter(|found| found.mean.is_finite()),
        })
    };
    let apart: Vec<_> = best.iter().map(apart).collect();
    best.into_iter().zip(apart).map(|(best, apart)| Standing { best, apart }).collect()
}
