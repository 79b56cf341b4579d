//! What the score depends on, for one family at a time: each has settings of its own.

use serde::Serialize;

use super::anova::{Anova, explain};
use super::axes::{Axis, Scored};
use super::score_map::{ScoreMap, map_scores};
use super::slices::{Slices, slice};
use super::trials::{TrialStatus, TrialTable};

/// How the scores of some trials depend on their settings.
#[derive(Debug, Serialize)]
pub(super) struct Explained<'a> {
    /// Their family, where the run has others too.
    #[serde(rename = "explained_family")]
    pub family: Option<&'a str>,
    /// The hyperparameters in which the trials with a score differ.
    pub axes: Vec<Axis>,
    pub anova: Option<Anova>,
    pub score_map: ScoreMap,
    pub slices: Slices,
    /// How many trials diverged or failed.
    pub lost: usize,
}

/// That of the winner's family, and of the other families with a score, the best first.
pub(super) fn explain_families(
    table: &TrialTable,
    lower_is_better: bool,
) -> (Explained<'_>, Vec<Explained<'_>>) {
    let families = table.families();
    let of = |family| Explained::of(table, family, lower_is_better);
    let others = families.get(1..).unwrap_or_default().iter().map(|&family| of(Some(family)));
    let others = others.filter(|other| other.slices.trials > 0).collect();
    (of(families.first().copied()), others)
}

impl<'a> Explained<'a> {
    /// Of a family, by its column and name, or of all trials.
    fn of(table: &'a TrialTable, family: Option<(usize, &'a str)>, lower_is_better: bool) -> Self {
        let scored = Scored::of_family(table, family);
        let anova = explain(&scored, lower_is_better);
        let order: Vec<usize> = match &anova {
            Some(found) => found.single.iter().flat_map(|share| share.axes.clone()).collect(),
            None => (0..scored.axes.len()).collect(),
        };
        let own = table.rows.iter().filter(|row| row.is_of(family));
        Self {
            family: family.map(|(_, name)| name),
            score_map: map_scores(&scored, &order, lower_is_better),
            slices: slice(&scored, lower_is_better),
            anova,
            axes: scored.axes,
            lost: own.filter(|row| row.status != TrialStatus::Finished).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp)]
    use super::*;
    use crate::report::axes::tests::table;

    #[test]
    fn every_family_with_a_score_is_explained_by_its_own_settings() {
        let rows: [(&[&str], f64); 6] = [
            (&["knn", "5", ""], 0.9),
            (&["mlp", "", "8"], 0.8),
            (&["knn", "1", ""], 0.7),
            (&["mlp", "", "4"], 0.6),
            (&["mlp", "", "2"], f64::NAN),
            (&["extra_trees", "", ""], f64::NAN),
        ];
        let mut table = table(&["family", "n_neighbors", "hidden"], &rows);
        table.rows[4].status = TrialStatus::Diverged;
        let (first, others) = explain_families(&table, false);
        assert_eq!((first.family, first.slices.trials, first.lost), (Some("knn"), 2, 0));
        let [mlp] = others.as_slice() else { panic!("{others:?}") };
        assert_eq!((mlp.family, mlp.slices.trials, mlp.lost), (Some("mlp"), 2, 1));
        let axes: Vec<&str> = mlp.axes.iter().map(|axis| axis.name.as_str()).collect();
        assert_eq!((axes, &*mlp.axes[0].values), (vec!["hidden"], &["4".into(), "8".into()][..]));
    }

    #[test]
    fn a_run_of_one_family_is_explained_as_a_whole() {
        let rows: [(&[&str], f64); 2] = [(&["knn", "5"], 0.9), (&["knn", "1"], 0.7)];
        let table = table(&["family", "n_neighbors"], &rows);
        let (all, others) = explain_families(&table, false);
        assert_eq!((all.family, all.slices.trials, others.len()), (None, 2, 0));
    }
}
