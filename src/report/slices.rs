//! Scores along each axis, and the trials that are drawn one by one.

use serde::Serialize;

use super::axes::{Scored, Summary};

/// How many trials the page draws one by one at most.
const MOST_DRAWN: usize = 2_000;

/// How many of them are the best; the others are taken evenly from the rest.
const BEST_DRAWN: usize = 500;

/// The scores along the axes.
#[derive(Debug, Serialize)]
pub(super) struct Slices {
    /// How many trials have a score.
    pub trials: usize,
    /// Of every axis and value.
    pub marginals: Vec<Vec<Summary>>,
    /// Best first.
    pub drawn: Vec<DrawnTrial>,
}

/// A trial as a point.
#[derive(Debug, Serialize)]
pub(super) struct DrawnTrial {
    pub trial: u64,
    pub rank: Option<u64>,
    pub score: f64,
    /// The place of its value on every axis.
    pub levels: Vec<usize>,
}

/// Cuts the scores along every axis.
pub(super) fn slice(scored: &Scored, lower_is_better: bool) -> Slices {
    let marginals = scored.axes.iter().map(|axis| {
        let mut groups = vec![Vec::new(); axis.values.len()];
        for (level, score) in axis.levels.iter().zip(&scored.scores) {
            groups[*level].push(*score);
        }
        groups.iter().map(|scores| Summary::of(scores, lower_is_better)).collect()
    });
    let draw = |place: usize| DrawnTrial {
        trial: scored.trials[place].trial,
        rank: scored.trials[place].rank,
        score: scored.scores[place],
        levels: scored.axes.iter().map(|axis| axis.levels[place]).collect(),
    };
    Slices {
        trials: scored.trials.len(),
        marginals: marginals.collect(),
        drawn: chosen(scored.trials.len()).into_iter().map(draw).collect(),
    }
}

/// The places of the trials to draw: all, or the best and some evenly from the others with the last.
fn chosen(trials: usize) -> Vec<usize> {
    if trials <= MOST_DRAWN {
        return (0..trials).collect();
    }
    let (behind, more) = (trials - BEST_DRAWN, MOST_DRAWN - BEST_DRAWN);
    let others = (1..=more).map(|step| BEST_DRAWN + behind * step / more - 1);
    (0..BEST_DRAWN).chain(others).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use super::*;
    use crate::report::axes::tests::table;

    #[test]
    fn marginals_are_of_all_trials_with_a_value() {
        let rows: [(&[&str], f64); 3] =
            [(&["0.2", "8"], 0.9), (&["0.1", "8"], 0.6), (&["0.1", "16"], 0.4)];
        let table = table(&["learning_rate", "hidden"], &rows);
        let slices = slice(&Scored::of(&table), false);
        let low = slices.marginals[0][0];
        assert_eq!((low.best, low.mean, low.trials), (0.6, 0.5, 2));
        assert_eq!(slices.marginals[1][1], Summary { best: 0.4, mean: 0.4, trials: 1 });
        assert_eq!(slices.drawn[0].levels, [1, 0]);
        assert_eq!(slices.drawn.len(), 3);
    }

    #[test]
    fn of_many_trials_the_best_and_an_even_choice_of_the_others_are_drawn() {
        assert_eq!(chosen(2000), (0..2000).collect::<Vec<_>>());
        for trials in [2001, 2500, 9999, 1_000_000] {
            let chosen = chosen(trials);
            assert_eq!((chosen.len(), chosen[0], chosen[1999]), (2000, 0, trials - 1));
            assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]));
            assert_eq!(chosen[..500], (0..500).collect::<Vec<_>>());
        }
    }
}
