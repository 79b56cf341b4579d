//! The memory that a training takes.

use super::settings::Settings;
use crate::boosting::MemoryNeed;

impl Settings {
    /// Bytes that a training takes at most, the caller's own rows left out: an upper estimate.
    pub fn bytes(&self, need: &MemoryNeed) -> u64 {
        let count = |count: usize| count as u64;
        let (rows, evaluated) = (count(need.rows), count(need.evaluated));
        let columns = count(need.columns);
        let trees = if need.classes == 2 { 1 } else { count(need.classes) };
        let bins = u64::from(self.max_bin) + 1;
        let bin = if self.max_bin > 256 { 4 } else { 2 };
        // Cells with the number of their column; bins by row and by column.
        let cells = (rows + evaluated) * (columns * 8 + 8) + rows * columns * (bin + bin);
        // What the bins are found by: eight times as many values, with their weights and ranks, some
        // of them twice.
        let sketch = columns * rows.min(8 * bins) * 96;
        let scores = (rows + evaluated) * trees * 8 + rows * trees * 16 + rows * 16;
        let leaves = self.most_leaves(need.rows);
        // A sum of gradients and one of second derivatives for each bin in each node of a level.
        let histograms = leaves.min(1 << 16) * columns * bins.min(rows + 1) * 16;
        // About 100 bytes a node in memory and 120 in the text, which is there twice as it is read.
        let model = u64::from(self.n_estimators) * trees * (2000 + leaves * 700);
        (12 << 20) + cells + sketch + histograms + scores + model
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Measured on one thread with 3.4.1: the peak of a training's memory, in millions of bytes.
    #[test]
    fn the_estimate_is_above_what_was_measured_and_not_far() {
        for (rows, columns, max_depth, max_bin, n_estimators, measured) in [
            (20_000, 20, 6, 256, 5, 9.4),
            (200_000, 20, 6, 256, 3, 57.8),
            (200_000, 20, 6, 1000, 3, 89.2),
            (5000, 500, 6, 256, 3, 243.3),
            (5000, 500, 10, 256, 3, 1025.7),
            (2000, 10, 6, 256, 500, 7.3),
        ] {
            let settings = Settings { n_estimators, max_depth, max_bin, ..Settings::default() };
            let need = MemoryNeed { rows, evaluated: 0, columns, classes: 2 };
            let ratio = settings.bytes(&need) as f64 / 1e6 / measured;
            assert!((1.0..6.0).contains(&ratio), "{rows} x {columns}: {ratio}");
        }
    }
}
