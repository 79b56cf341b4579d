//! Rows in blocks, as the trees read them.

/// Rows of a block. They stay in the processor's cache while every tree is asked about them.
pub(super) const ROWS: usize = 64;

/// Values this near to 0 are 0 to LightGBM (its `kZeroThreshold`, a 32-bit float widened).
const ZERO: f64 = 1e-35_f32 as f64;

/// A block of rows, column after column.
pub(super) struct Block {
    rows: usize,
    columns: Vec<[f64; ROWS]>,
}

impl Block {
    /// Takes at most [`ROWS`] rows, `[rows, columns]`. What is nearly 0 becomes 0, as LightGBM's
    /// predictor does it; places without a row hold 0.
    pub(super) fn new(values: &[f32], columns: usize) -> Self {
        let mut block = Self { rows: values.len() / columns, columns: vec![[0.0; ROWS]; columns] };
        for (row, values) in values.chunks_exact(columns).take(ROWS).enumerate() {
            for (column, &value) in block.columns.iter_mut().zip(values) {
                let value = f64::from(value);
                column[row] = if value.abs() <= ZERO { 0.0 } else { value };
            }
        }
        block
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The values of a column; those past the rows mean nothing.
    pub(super) fn column(&self, column: u32) -> &[f64; ROWS] {
        &self.columns[column as usize]
    }
}
