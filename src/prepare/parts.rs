//! Facts of a split's parts: when they are, and whose rows they have.

use serde::Serialize;

use super::PrepareError;
use super::rows::Rows;
use super::sequence::codes;
use crate::data::{FoldRows, show_time};
use crate::examples::Part;
use crate::spec::By;

/// With more groups than this, parts tell how many they have, and not which.
const MOST_LISTED: usize = 1000;

/// The first and the last time of each part, ISO 8601.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)] // the parts
pub struct PartTimes {
    pub train: [String; 2],
    pub valid: [String; 2],
    pub test: [String; 2],
}

/// The groups of each part, such as machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)] // the parts
pub struct PartGroups {
    pub train: Groups,
    pub valid: Groups,
    pub test: Groups,
}

/// The groups of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Groups {
    /// Their labels, in the order of their first rows.
    Listed(Vec<String>),
    /// How many there are, of more than a thousand in all parts.
    Counted(usize),
}

/// From when to when the parts last.
pub(super) fn part_times(
    rows: &Rows,
    fold: &FoldRows,
    by: By,
) -> Result<Option<PartTimes>, PrepareError> {
    let (Some(time), By::Time) = (&rows.roles.time, by) else { return Ok(None) };
    let times = rows.times(time)?;
    let range = |part: Part| {
        let times = fold.part(part).iter().map(|&row| times[row]);
        let ends = [times.clone().min(), times.max()];
        ends.map(|end| end.map(show_time).unwrap_or_default())
    };
    let [train, valid, test] = Part::ALL.map(range);
    Ok(Some(PartTimes { train, valid, test }))
}

/// Which groups the parts of each fold have, where rows are split by them.
pub(super) fn part_groups(
    rows: &Rows,
    folds: &[FoldRows],
    by: By,
) -> Result<Vec<PartGroups>, PrepareError> {
    let (Some(group), By::Group) = (&rows.roles.group, by) else { return Ok(Vec::new()) };
    let (codes, labels) = codes(rows.column(group)?, rows)?;
    let of_part = |fold: &FoldRows, part: Part| {
        let mut met = vec![false; labels.len()];
        fold.part(part).iter().for_each(|&row| met[codes[row] as usize] = true);
        let there = labels.iter().zip(met).filter_map(|(label, met)| met.then_some(label));
        if labels.len() > MOST_LISTED {
            Groups::Counted(there.count())
        } else {
            Groups::Listed(there.cloned().collect())
        }
    };
    let of_fold = |fold: &FoldRows| {
        let [train, valid, test] = Part::ALL.map(|part| of_part(fold, part));
        PartGroups { train, valid, test }
    };
    Ok(folds.iter().map(of_fold).collect())
}
