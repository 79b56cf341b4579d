//! Rows dealt by chance, with the classes' shares kept or not.

use super::{RowKeys, SplitError};
use crate::random::{Purpose, Streams, shuffle};

/// Deals the rows into parts of the given shares, each class by itself where stratified. Sizes are
/// exact: each part gets its share of all rows, rounded, and stratified also its share of each class,
/// rounded so that the sums agree.
///
/// # Errors
/// [`SplitError::SmallClass`].
pub(super) fn deal(
    rows: &RowKeys,
    shares: &[f64],
    stratified: bool,
    streams: &Streams,
) -> Result<Vec<Vec<usize>>, SplitError> {
    // Fewer rows than parts: then some class has fewer, too.
    if stratified || rows.labels.len() < shares.len() {
        check_sizes(rows, shares.len())?;
    }
    let mut strata = vec![Vec::new(); if stratified { rows.classes.len() } else { 1 }];
    for (row, &label) in rows.labels.iter().enumerate() {
        strata[if stratified { label as usize } else { 0 }].push(row);
    }
    let sizes: Vec<usize> = strata.iter().map(Vec::len).collect();
    let counts = allot(&sizes, shares);
    let mut parts = vec![Vec::new(); shares.len()];
    for (number, (stratum, counts)) in strata.iter_mut().zip(counts).enumerate() {
        shuffle(stratum, &mut streams.generator(Purpose::Split, number as u64));
        let mut rest = stratum.as_slice();
        for (part, count) in parts.iter_mut().zip(counts) {
            let (dealt, left) = rest.split_at(count);
            part.extend_from_slice(dealt);
            rest = left;
        }
    }
    Ok(parts)
}

fn check_sizes(rows: &RowKeys, parts: usize) -> Result<(), SplitError> {
    let mut counts = vec![0; rows.classes.len()];
    for &label in rows.labels {
        counts[label as usize] += 1;
    }
    match counts.iter().position(|&rows| rows < parts) {
        Some(small) => {
            let (class, rows) = (rows.classes[small].clone(), counts[small]);
            Err(SplitError::SmallClass { class, rows, parts })
        }
        None => Ok(()),
    }
}

/// How many rows of each stratum go to each part, `[strata][parts]`: each stratum's share rounded down
/// (but at least one), then what is left of the stratum to the parts that are furthest below their
/// share, counting the strata dealt before, so that the parts' totals come out right too.
fn allot(sizes: &[usize], shares: &[f64]) -> Vec<Vec<usize>> {
    let mut owed = vec![0.0; shares.len()];
    let mut counts = Vec::with_capacity(sizes.len());
    for &size in sizes {
        let exact: Vec<f64> = shares.iter().map(|share| share * size as f64).collect();
        let mut dealt: Vec<usize> =
            exact.iter().map(|exact| ((exact + 1e-9).floor() as usize).max(1)).collect();
        for (owed, exact) in owed.iter_mut().zip(&exact) {
            *owed += exact;
        }
        let lag = |part: usize, dealt: &[usize]| owed[part] - dealt[part] as f64;
        while dealt.iter().sum::<usize>() < size {
            let behind = (0..shares.len()).max_by(|&one, &other| {
                // The first of equals wins: max_by keeps the last.
                lag(one, &dealt).total_cmp(&lag(other, &dealt)).then(other.cmp(&one))
            });
            dealt[behind.unwrap_or(0)] += 1;
        }
        while dealt.iter().sum::<usize>() > size {
            let ahead = (0..shares.len())
                .filter(|&part| dealt[part] > 1)
                .min_by(|&one, &other| lag(one, &dealt).total_cmp(&lag(other, &dealt)));
            dealt[ahead.unwrap_or(0)] -= 1;
        }
        for (owed, &dealt) in owed.iter_mut().zip(&dealt) {
            *owed -= dealt as f64;
        }
        counts.push(dealt);
    }
    counts
}
