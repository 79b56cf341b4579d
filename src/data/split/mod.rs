//! Which rows are trained on, which choose the winner, and which only report.

mod by_group;
mod by_row;
mod by_time;
mod error;
mod fold_rows;

pub use error::SplitError;
pub use fold_rows::{FoldRows, take};

use crate::random::Streams;
use crate::spec::{By, Split};

/// What rows are split by; every slice is `[rows]`, but for the classes.
#[derive(Debug, Clone, Copy, Default)]
pub struct RowKeys<'a> {
    /// Places in `classes`.
    pub labels: &'a [u32],
    /// The classes of the target.
    pub classes: &'a [String],
    /// Codes of the groups, such as machines, of which none may be in two parts.
    pub groups: Option<&'a [u32]>,
    /// Milliseconds from any moment on.
    pub times: Option<&'a [i64]>,
}

/// Splits rows; the same arguments give the same parts. Row numbers come back in ascending order.
///
/// By chance, by group and by time each row goes to one part; between folds by time, and in a gap,
/// rows are left out of a fold. With folds, all have the same test rows.
///
/// # Errors
/// [`SplitError`] when there are too few rows, groups or times, or a class that no fold's train
/// rows hold. Validation and test rows may lack a class, unless the split is stratified.
pub fn split(rows: &RowKeys, how: &Split, run_seed: u64) -> Result<Vec<FoldRows>, SplitError> {
    let streams = Streams::new(how.seed().unwrap_or(run_seed), 0, 0);
    let mut shares = shares(how);
    let has_test = shares.pop_if(|test| *test <= 0.0).is_none();
    let with_test = |mut parts: Vec<Vec<usize>>| {
        if !has_test {
            parts.push(Vec::new());
        }
        parts
    };
    let mut folds = match how.by() {
        by @ (By::Stratified | By::Random) => {
            let parts = by_row::deal(rows, &shares, by == By::Stratified, &streams)?;
            folds(how, &with_test(parts))
        }
        By::Group => {
            let groups = rows.groups.ok_or(SplitError::NoKey { what: "group" })?;
            folds(how, &with_test(by_group::deal(groups, &shares, &streams)?))
        }
        By::Time => {
            let times = rows.times.ok_or(SplitError::NoKey { what: "time" })?;
            by_time::cut(times, how)?
        }
    };
    for fold in &mut folds {
        for part in [&mut fold.train, &mut fold.valid, &mut fold.test] {
            part.sort_unstable();
        }
    }
    check_training(rows, &folds, how.by())?;
    Ok(folds)
}

/// The shares of the parts that rows are dealt to: train, valid and test; or the folds and test.
fn shares(how: &Split) -> Vec<f64> {
    match how {
        Split::Shares(split) => vec![split.train.get(), split.valid.get(), split.test.get()],
        Split::Folds(split) => {
            let (count, test) = (split.count.get() as usize, split.test.get());
            let mut shares = vec![(1.0 - test) / count as f64; count];
            shares.push(test);
            shares
        }
    }
}

/// Folds from dealt parts, the last of which is the test part. Of shares, the one before it is the
/// validation part; of folds, each other part is once.
fn folds(how: &Split, parts: &[Vec<usize>]) -> Vec<FoldRows> {
    let Some((test, parts)) = parts.split_last() else { return Vec::new() };
    let fold = |(number, valid): (usize, &Vec<usize>)| {
        let others = parts.iter().enumerate().filter(|(other, _)| *other != number);
        let train = others.flat_map(|(_, rows)| rows.iter().copied()).collect();
        FoldRows { train, valid: valid.clone(), test: test.clone() }
    };
    let first = match how {
        Split::Shares(_) => 1,
        Split::Folds(_) => 0,
    };
    parts.iter().enumerate().skip(first).map(fold).collect()
}

/// A part that chooses or reports may lack a class, but a network has to meet it in training.
fn check_training(rows: &RowKeys, folds: &[FoldRows], by: By) -> Result<(), SplitError> {
    for (number, fold) in folds.iter().enumerate() {
        let mut met = vec![false; rows.classes.len()];
        for &row in &fold.train {
            met[rows.labels[row] as usize] = true;
        }
        if let Some(lacking) = met.iter().position(|met| !met) {
            let fold = (folds.len() > 1).then_some(number + 1);
            return Err(SplitError::NotTrained { class: rows.classes[lacking].clone(), fold, by });
        }
    }
    Ok(())
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

    fn split(
        labels: &[u32],
        classes: &[String],
        how: &Split,
        seed: u64,
    ) -> Result<Vec<FoldRows>, SplitError> {
        super::split(&RowKeys { labels, classes, ..RowKeys::default() }, how, seed)
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
        assert_eq!(error, Err(SplitError::SmallClass { class: "b".into(), rows: 2, parts: 3 }));
    }

    #[test]
    fn fewer_rows_than_parts_are_refused_also_without_strata() {
        let how = how(r#"{"folds": {"count": 5, "test": 0.2, "by": "random"}}"#);
        let error = split(&[0, 1], &["a".into(), "b".into()], &how, 1);
        assert_eq!(error, Err(SplitError::SmallClass { class: "a".into(), rows: 1, parts: 6 }));
    }

    #[test]
    fn without_strata_every_class_must_be_met_in_training() {
        let how = how(r#"{"shares": {"train": 0.4, "valid": 0.3, "test": 0.3, "by": "random"}}"#);
        let mut labels = vec![0; 9];
        labels.push(1);
        let classes = ["a".to_owned(), "b".to_owned()];
        let refused = (0..20).filter(|&seed| split(&labels, &classes, &how, seed).is_err());
        assert!((5..=18).contains(&refused.count()), "about six times of ten");
    }

    #[test]
    fn rows_without_groups_or_times_cannot_be_split_by_them() {
        for (what, how) in [
            ("group", how(r#"{"folds": {"count": 2, "test": 0.2, "by": "group"}}"#)),
            ("time", how(r#"{"folds": {"count": 2, "test": 0.2, "by": "time"}}"#)),
        ] {
            let (labels, classes) = labels();
            let error = split(&labels, &classes, &how, 1);
            assert_eq!(error, Err(SplitError::NoKey { what }));
        }
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
