//! The memory that a training takes.

use super::settings::Settings;

/// What a training is to be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryNeed {
    /// Rows to train on.
    pub rows: usize,
    /// Rows of all sets to evaluate together.
    pub evaluated: usize,
    /// Columns of both.
    pub columns: usize,
    /// Number of classes.
    pub classes: usize,
}

impl MemoryNeed {
    /// Bytes that a training takes at most, the caller's own rows left out: an upper estimate.
    pub fn bytes(&self, settings: &Settings) -> u64 {
        let count = |count: usize| count as u64;
        let (rows, evaluated) = (count(self.rows), count(self.evaluated));
        let columns = count(self.columns);
        let trees = if self.classes == 2 { 1 } else { count(self.classes) };
        let bins = u64::from(settings.max_bin) + 1;
        let bin = if bins > 256 { 2 } else { 1 };
        let leaves = u64::from(settings.num_leaves);
        // Bins are kept by column and, for histograms, by row.
        let binned = (2 * rows + evaluated) * columns * bin;
        // Values drawn to find the bins, with their places, in lists that grow by doubling.
        let sample = rows.min(200_000) * columns * 20;
        // Scores in 64 bits; gradients and second derivatives, and those of a draw, in 32 each.
        let scores = (rows + evaluated) * trees * 8 + rows * trees * 8 + rows * 24;
        // A sum of gradients and one of second derivatives for each bin in each leaf, for all leaves
        // that there may be, from the start.
        let histograms = leaves * columns * bins.min(rows + 1) * 16;
        // About 160 bytes a leaf in memory, and 110 in the text, which is there twice as it is read.
        let model = u64::from(settings.num_iterations) * trees * (2000 + leaves.min(rows) * 400);
        (12 << 20) + binned + sample.max(histograms + scores) + scores + model
    }
}
