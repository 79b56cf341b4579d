//! The nearest train rows of one row, found so far.

/// Distances and row numbers, nearest first; of equal distances the lower number.
#[derive(Debug, Clone)]
pub(super) struct Found {
    most: usize,
    nearest: Vec<(f64, u32)>,
}

impl Found {
    /// Nothing found; `most` is at least 1.
    pub(super) fn new(most: usize) -> Self {
        Self { most, nearest: Vec::with_capacity(most) }
    }

    /// Takes a train row at a distance if it is among the nearest; tells whether the farthest of
    /// them is another now.
    #[inline]
    pub(super) fn offer(&mut self, distance: f64, row: u32) -> bool {
        let is_nearer = |found: &(f64, u32)| *found < (distance, row);
        if self.nearest.len() == self.most {
            if self.nearest.last().is_some_and(is_nearer) {
                return false;
            }
            self.nearest.pop();
        }
        let at = self.nearest.partition_point(is_nearer);
        self.nearest.insert(at, (distance, row));
        self.nearest.len() == self.most
    }

    /// The distance beyond which no row is among the nearest.
    pub(super) fn farthest(&self) -> f64 {
        if self.nearest.len() < self.most {
            return f64::INFINITY;
        }
        self.nearest.last().map_or(f64::INFINITY, |last| last.0)
    }

    /// The row numbers and the distances.
    pub(super) fn nearest(&self) -> &[(f64, u32)] {
        &self.nearest
    }
}
