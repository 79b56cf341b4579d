//! Rows parted in the order of time, so that a network is judged on what came after what it learnt.

use super::{FoldRows, SplitError};
use crate::examples::Part;
use crate::spec::Split;

/// Rows in the order of their times.
struct Timeline<'a> {
    /// `[rows]`, by row number.
    times: &'a [i64],
    /// Row numbers in the order of time.
    order: Vec<usize>,
    /// Places in `order` where a time differs from the one before: rows are parted only there.
    changes: Vec<usize>,
}

/// Cuts the rows of `times` (`[rows]`, milliseconds) into parts that follow each other. Rows of one
/// time stay together; a part begins at the change of time that is nearest to its share.
///
/// Folds are those of scikit-learn's `TimeSeriesSplit`: what comes before the test rows is cut into
/// one block more than there are folds; a fold is validated on a block and trained on all before it.
///
/// # Errors
/// [`SplitError::FewTimes`]; [`SplitError::GapTooLong`] when the gap empties a part.
pub(super) fn cut(times: &[i64], how: &Split) -> Result<Vec<FoldRows>, SplitError> {
    let line = Timeline::new(times);
    let rows = times.len() as f64;
    let cuts = match how {
        Split::Shares(shares) => {
            let (train, test) = (shares.train.get(), shares.test.get());
            line.check(if test > 0.0 { 3 } else { 2 })?;
            if test > 0.0 {
                nearest(&line.changes, &[train * rows, (1.0 - test) * rows])
            } else {
                [nearest(&line.changes, &[train * rows])[0], times.len()].to_vec()
            }
        }
        Split::Folds(folds) => {
            let count = folds.count.get() as usize;
            let share = folds.test.get();
            line.check(if share > 0.0 { count + 2 } else { count + 1 })?;
            let test = if share > 0.0 {
                nearest(&line.changes[count..], &[(1.0 - share) * rows])[0]
            } else {
                times.len()
            };
            let before = line.changes.partition_point(|&change| change < test);
            let block = test / (count + 1);
            let wanted: Vec<f64> =
                (1..=count).rev().map(|blocks| (test - blocks * block) as f64).collect();
            let mut cuts = nearest(&line.changes[..before], &wanted);
            cuts.push(test);
            cuts
        }
    };
    let gap = how.gap().map_or(0, crate::spec::Span::milliseconds);
    let test = cuts[cuts.len() - 1];
    let folds = cuts.windows(2).enumerate().map(|(number, cut)| {
        let fold = (cuts.len() > 2).then_some(number + 1);
        let before = |part: Part, from: usize, to: usize, next: usize| {
            let rows = line.before(from, to, next, gap);
            if rows.is_empty() { Err(SplitError::GapTooLong { part, fold }) } else { Ok(rows) }
        };
        Ok(FoldRows {
            train: before(Part::Train, 0, cut[0], cut[0])?,
            valid: before(Part::Valid, cut[0], cut[1], test)?,
            test: line.order[test..].to_vec(),
        })
    });
    folds.collect()
}

impl<'a> Timeline<'a> {
    fn new(times: &'a [i64]) -> Self {
        let mut order: Vec<usize> = (0..times.len()).collect();
        order.sort_by_key(|&row| times[row]);
        let differs = |at: &usize| times[order[at - 1]] != times[order[*at]];
        let changes = (1..order.len()).filter(differs).collect();
        Self { times, order, changes }
    }

    /// Whether there are as many different times as parts.
    fn check(&self, parts: usize) -> Result<(), SplitError> {
        let times = self.changes.len() + usize::from(!self.order.is_empty());
        if times < parts { Err(SplitError::FewTimes { times, parts }) } else { Ok(()) }
    }

    /// The rows at `from..to` in the order of time that lie at least `gap` before the row at `next`,
    /// where there is one.
    fn before(&self, from: usize, to: usize, next: usize, gap: i64) -> Vec<usize> {
        let rows = &self.order[from..to];
        let Some(&next) = self.order.get(next) else { return rows.to_vec() };
        let next = self.times[next];
        let kept = rows.partition_point(|&row| next.saturating_sub(self.times[row]) >= gap);
        rows[..kept].to_vec()
    }
}

/// For each wanted place the nearest of `changes`, the earlier of equals; each change is taken once,
/// in ascending order, and some are left for the places to come. Needs as many changes as places.
fn nearest(changes: &[usize], wanted: &[f64]) -> Vec<usize> {
    let mut from = 0;
    let mut cuts = Vec::with_capacity(wanted.len());
    for (number, &place) in wanted.iter().enumerate() {
        let open = &changes[from..changes.len() - (wanted.len() - number - 1)];
        let after = open.partition_point(|&change| (change as f64) < place).min(open.len() - 1);
        let distance = |at: usize| (open[at] as f64 - place).abs();
        let before = after.saturating_sub(1);
        let at = if distance(before) <= distance(after) { before } else { after };
        cuts.push(open[at]);
        from += at + 1;
    }
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_begins_at_the_nearest_change_of_time() {
        assert_eq!(nearest(&[2, 5, 9], &[4.0, 8.0]), [5, 9]);
        assert_eq!(nearest(&[2, 6], &[4.0]), [2], "the earlier of equals");
        assert_eq!(nearest(&[2, 6], &[7.5]), [6]);
    }

    #[test]
    fn every_part_gets_a_change_of_its_own() {
        assert_eq!(nearest(&[1, 2, 3], &[3.0, 3.0, 3.0]), [1, 2, 3]);
        assert_eq!(nearest(&[1, 2, 3], &[0.0, 0.0]), [1, 2]);
    }
}
