//! Which rows are trained on, which choose the winner, and which only report.

use polars::prelude::{DataFrame, IdxCa, IdxSize};

use super::DataError;
use crate::examples::Part;
use crate::random::{Purpose, Streams, shuffle};
use crate::spec::Split;

/// Row numbers of the parts of one fold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldRows {
    train: Vec<usize>,
    valid: Vec<usize>,
    test: Vec<usize>,
}

/// The train rows of a fold, and no others: what preparation may be fitted on.
#[derive(Debug)]
pub struct TrainRows(DataFrame);

impl TrainRows {
    /// The rows.
    pub fn frame(&self) -> &DataFrame {
        &self.0
    }
}

impl FoldRows {
    /// The row numbers of a part.
    pub fn part(&self, part: Part) -> &[usize] {
        match part {
            Part::Train => &self.train,
            Part::Valid => &self.valid,
            Part::Test => &self.test,
        }
    }

    /// Renumbers the rows of a split of some of a table's rows: row `n` becomes `numbers[n]`.
    pub fn number_by(&mut self, numbers: &[usize]) {
        for part in [&mut self.train, &mut self.valid, &mut self.test] {
            for row in part.iter_mut() {
                *row = numbers[*row];
            }
        }
    }

    /// The train rows of `frame`.
    ///
    /// # Errors
    /// As [`take`].
    pub fn train_rows(&self, frame: &DataFrame) -> Result<TrainRows, DataError> {
        take(frame, &self.train).map(TrainRows)
    }
}

/// The given rows of a frame, in that order.
///
/// # Errors
/// [`DataError::Frame`] when a row is not there.
pub fn take(frame: &DataFrame, rows: &[usize]) -> Result<DataFrame, DataError> {
    let rows: Vec<IdxSize> = rows.iter().map(|&row| row as IdxSize).collect();
    frame.take(&IdxCa::from_vec("rows".into(), rows)).map_err(|error| DataError::Frame {
        path: "the split".to_owned(),
        reason: error.to_string(),
    })
}

/// A class has too few rows to stand in every part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "class {class:?} has {rows} row(s), too few for {parts} parts that each need one: merge the \
     class with another, leave its rows out, or split into fewer parts"
)]
pub struct SplitError {
    /// The class.
    pub class: String,
    /// Its rows.
    pub rows: usize,
    /// Train, valid and test; or test and the folds.
    pub parts: usize,
}

/// Splits the rows of `labels` `[rows]`, each below `classes.len()`; the same arguments give the
/// same rows. Row numbers come back in ascending order.
///
/// Sizes are exact: each part gets its share of all rows, rounded, and stratified also its share of
/// each class, rounded so that the sums agree.
///
/// # Errors
/// [`SplitError`] names a class that has fewer rows than there are parts.
pub fn split(
    labels: &[u32],
    classes: &[String],
    how: &Split,
    run_seed: u64,
) -> Result<Vec<FoldRows>, SplitError> {
    let (shares, stratified, seed) = match how {
        Split::Shares(split) => {
            let shares = vec![split.train.get(), split.valid.get(), split.test.get()];
            (shares, split.stratified, split.seed)
        }
        Split::Folds(split) => {
            let count = split.count.get() as usize;
            let test = split.test.get();
            let mut shares = vec![(1.0 - test) / count as f64; count];
            shares.push(test);
            (shares, split.stratified, split.seed)
        }
    };
    // Fewer rows than parts: then some class has fewer, too.
    if stratified || labels.len() < shares.len() {
        check_sizes(labels, classes, shares.len())?;
    }
    let streams = Streams::new(seed.unwrap_or(run_seed), 0, 0);
    let parts = deal(labels, classes.len(), &shares, stratified, &streams);
    let folds = match how {
        Split::Shares(_) => vec![FoldRows {
            train: parts[0].clone(),
            valid: parts[1].clone(),
            test: parts[2].clone(),
        }],
        Split::Folds(_) => folds(&parts),
    };
    for fold in &folds {
        // A split that is not stratified may leave a class out of validation or test rows, but a
        // network has to meet it in training.
        let train: Vec<u32> = fold.train.iter().map(|&row| labels[row]).collect();
        check_sizes(&train, classes, 1)
            .map_err(|error| SplitError { parts: shares.len(), ..error })?;
    }
    Ok(folds)
}

fn check_sizes(labels: &[u32], classes: &[String], parts: usize) -> Result<(), SplitError> {
    let mut counts = vec![0; classes.len()];
    for &label in labels {
        counts[label as usize] += 1;
    }
    match counts.iter().position(|&rows| rows < parts) {
        Some(small) => {
            Err(SplitError { class: classes[small].clone(), rows: counts[small], parts })
        }
        None => Ok(()),
    }
}

/// Deals the rows into parts of the given shares.
fn deal(
    labels: &[u32],
    classes: usize,
    shares: &[f64],
    stratified: bool,
    streams: &Streams,
) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); if stratified { classes } else { 1 }];
    for (row, &label) in labels.iter().enumerate() {
        groups[if stratified { label as usize } else { 0 }].push(row);
    }
    let sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
    let counts = allot(&sizes, shares);
    let mut parts = vec![Vec::new(); shares.len()];
    for (number, (group, counts)) in groups.iter_mut().zip(counts).enumerate() {
        shuffle(group, &mut streams.generator(Purpose::Split, number as u64));
        let mut rest = group.as_slice();
        for (part, count) in parts.iter_mut().zip(counts) {
            let (dealt, left) = rest.split_at(count);
            part.extend_from_slice(dealt);
            rest = left;
        }
    }
    for part in &mut parts {
        part.sort_unstable();
    }
    parts
}

/// How many rows of each group go to each part, `[groups][parts]`: each group's share rounded down
/// (but at least one), then what is left of the group to the parts that are furthest below their
/// share, counting the groups dealt before, so that the parts' totals come out right too.
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

/// Folds from dealt parts, the last of which is the test part: each other part is the validation
/// part once.
fn folds(parts: &[Vec<usize>]) -> Vec<FoldRows> {
    let Some((test, parts)) = parts.split_last() else { return Vec::new() };
    let fold = |(number, valid): (usize, &Vec<usize>)| {
        let others = parts.iter().enumerate().filter(|(other, _)| *other != number);
        let mut train: Vec<usize> = others.flat_map(|(_, rows)| rows.iter().copied()).collect();
        train.sort_unstable();
        FoldRows { train, valid: valid.clone(), test: test.clone() }
    };
    parts.iter().enumerate().map(fold).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn labels() -> (Vec<u32>, Vec<String>) {
        // The class sizes of AI4I.
        let sizes = [9652, 112, 95, 78, 45, 18];
        let labels = sizes.iter().enumerate().flat_map(|(class, &size)| vec![class as u32; size]);
        (labels.collect(), (0..6).map(|class| format!("class {class}")).collect())
    }

    fn how(json: &str) -> Split {
        serde_json::from_str(json).unwrap()
    }

    const SHARES: &str = r#"{"shares": {"train": 0.7, "valid": 0.15, "test": 0.15}}"#;

    #[test]
    fn shares_of_ten_thousand_rows_are_exact() {
        let (labels, classes) = labels();
        let fold = &split(&labels, &classes, &how(SHARES), 1).unwrap()[0];
        assert_eq!((fold.train.len(), fold.valid.len(), fold.test.len()), (7000, 1500, 1500));
    }

    #[test]
    fn every_row_is_in_one_part() {
        let (labels, classes) = labels();
        let fold = &split(&labels, &classes, &how(SHARES), 1).unwrap()[0];
        let mut rows = [&fold.train[..], &fold.valid[..], &fold.test[..]].concat();
        rows.sort_unstable();
        assert_eq!(rows, (0..10_000).collect::<Vec<_>>());
    }

    #[test]
    fn classes_keep_their_shares() {
        let (labels, classes) = labels();
        let fold = &split(&labels, &classes, &how(SHARES), 1).unwrap()[0];
        let count =
            |rows: &[usize], class| rows.iter().filter(|&&row| labels[row] == class).count();
        for (class, size) in [(1, 112.0), (4, 45.0), (5, 18.0)] {
            assert!((count(&fold.train, class) as f64 - 0.7 * size).abs() <= 1.0);
            assert!((count(&fold.test, class) as f64 - 0.15 * size).abs() <= 1.0);
        }
    }

    #[test]
    fn folds_validate_every_row_but_the_test_rows_once() {
        let (labels, classes) = labels();
        let folds = split(&labels, &classes, &how(r#"{"folds": {"count": 5, "test": 0.1}}"#), 1);
        let folds = folds.unwrap();
        let mut valid: Vec<usize> = folds.iter().flat_map(|fold| fold.valid.clone()).collect();
        valid.extend(&folds[0].test);
        valid.sort_unstable();
        assert_eq!(valid, (0..10_000).collect::<Vec<_>>());
        assert!(folds.iter().all(|fold| fold.test == folds[0].test && fold.test.len() == 1000));
    }

    #[test]
    fn the_seed_decides_the_rows() {
        let (labels, classes) = labels();
        let rows = |seed| split(&labels, &classes, &how(SHARES), seed).unwrap();
        assert_eq!(rows(1), rows(1));
        assert_ne!(rows(1), rows(2));
    }

    #[test]
    fn a_class_with_fewer_rows_than_parts_is_named() {
        let error = split(&[0, 0, 0, 1, 1], &["a".into(), "b".into()], &how(SHARES), 1);
        assert_eq!(error, Err(SplitError { class: "b".into(), rows: 2, parts: 3 }));
    }

    #[test]
    fn fewer_rows_than_parts_are_refused_also_without_strata() {
        let how = how(r#"{"folds": {"count": 5, "test": 0.2, "stratified": false}}"#);
        let error = split(&[0, 1], &["a".into(), "b".into()], &how, 1);
        assert_eq!(error, Err(SplitError { class: "a".into(), rows: 1, parts: 6 }));
    }

    #[test]
    fn without_strata_every_class_must_be_met_in_training() {
        let how =
            how(r#"{"shares": {"train": 0.4, "valid": 0.3, "test": 0.3, "stratified": false}}"#);
        let mut labels = vec![0; 9];
        labels.push(1);
        let classes = ["a".to_owned(), "b".to_owned()];
        let refused = (0..20).filter(|&seed| split(&labels, &classes, &how, seed).is_err());
        assert!((5..=18).contains(&refused.count()), "about six times of ten");
    }

    #[test]
    fn a_class_of_three_stands_in_every_part() {
        let mut labels = vec![0; 100];
        labels.extend([1, 1, 1]);
        let fold = &split(&labels, &["a".into(), "b".into()], &how(SHARES), 1).unwrap()[0];
        for part in [&fold.train, &fold.valid, &fold.test] {
            assert_eq!(part.iter().filter(|&&row| labels[row] == 1).count(), 1);
        }
    }
}
