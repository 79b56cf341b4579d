//! SMOTE, the synthetic minority over-sampling technique (Chawla and others 2002).

use rand::RngExt;

use super::nearest::Tree;
use super::points::Points;
use super::wanted::Sizes;
use super::{BalanceError, NewRow, Resampled, Rows};
use crate::random::{Purpose, Streams, below};
use crate::spec::Smote;

/// Every row in its order, then, class by class, new rows: each lies on the straight line between a
/// row of the class and one of its `k_neighbors` nearest of the class, both drawn uniformly, as far
/// from the row as a gap drawn uniformly from [0, 1) says.
///
/// Distances are Euclidean, so features should be scaled before. Neighbours are exact, and are
/// looked for only where they are needed.
///
/// # Errors
/// [`BalanceError`] where `sampling_strategy` does not fit the classes, where a class that gets new
/// rows has no more than `k_neighbors`, and where a feature is a category or none is a number.
pub fn smote(how: &Smote, rows: &Rows, streams: &Streams) -> Result<Resampled, BalanceError> {
    match rows.categorical.len() {
        0 => between_neighbours(how, rows, streams, |_| 0.0),
        columns => Err(BalanceError::Categories { columns }),
    }
}

/// Every row, then new ones between neighbours; `mismatch` says what categories that differ add to
/// a squared distance between rows of a class, whose row numbers it is given.
pub(super) fn between_neighbours(
    how: &Smote,
    rows: &Rows,
    streams: &Streams,
    mismatch: impl Fn(&[usize]) -> f64,
) -> Result<Resampled, BalanceError> {
    if rows.numeric.is_empty() {
        return Err(BalanceError::NoNumbers);
    }
    let by_class = rows.by_class();
    let added = Sizes::new(rows.classes, &by_class).to_add(&how.sampling_strategy)?;
    let k = how.k_neighbors.get() as usize;
    let mut resampled =
        Resampled { kept: (0..rows.labels.len()).collect(), ..Resampled::default() };
    for (class, (members, added)) in by_class.iter().zip(added).enumerate() {
        if added == 0 {
            continue;
        }
        if members.len() <= k {
            let (class, rows) = (rows.classes[class].clone(), members.len());
            return Err(BalanceError::TooFewRows { class, rows, k });
        }
        let points = Points::new(rows.numeric, rows.categorical, members, mismatch(members));
        let mut generator = streams.generator(Purpose::Balance, class as u64);
        let draws: Vec<Draw> = (0..added)
            .map(|_| Draw {
                base: below(members.len(), &mut generator),
                neighbour: below(k, &mut generator),
                gap: generator.random(),
            })
            .collect();
        resampled.add(class as u32, members, &Tree::new(&points), k, &draws);
    }
    Ok(resampled)
}

/// What is drawn for a new row.
struct Draw {
    /// The position of its base in the class.
    base: usize,
    /// The position of its neighbour among the nearest ones of the base.
    neighbour: usize,
    gap: f64,
}

impl Resampled {
    /// Adds new rows of a class, whose row numbers are `members`.
    fn add(&mut self, class: u32, members: &[usize], tree: &Tree, k: usize, draws: &[Draw]) {
        let mut bases: Vec<usize> = draws.iter().map(|draw| draw.base).collect();
        bases.sort_unstable();
        bases.dedup();
        let start = self.nearest.len();
        self.nearest.extend(tree.nearest(&bases, k).into_iter().map(|row| members[row]));
        for draw in draws {
            let place = bases.partition_point(|&base| base < draw.base);
            let nearest = start + place * k..start + (place + 1) * k;
            let neighbour = self.nearest[nearest.start + draw.neighbour];
            let (base, gap) = (members[draw.base], draw.gap);
            self.new.push(NewRow { class, base, neighbour, gap, nearest });
        }
    }
}
