//! Prepared rows as engines take them: the one border between frames and tensors.

/// Rows of 32-bit floats, one after the other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Matrix {
    columns: usize,
    values: Vec<f32>,
}

impl Matrix {
    /// Takes `values` as `[rows, columns]`; a last, partial row is cut off.
    pub fn new(columns: usize, mut values: Vec<f32>) -> Self {
        let whole = values.len().checked_div(columns).unwrap_or(0) * columns;
        values.truncate(whole);
        Self { columns, values }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.columns).unwrap_or(0)
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The values of a row, `[columns]`.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    /// The given rows, in that order.
    #[must_use]
    pub fn pick(&self, rows: &[usize]) -> Self {
        let values = rows.iter().flat_map(|&row| self.row(row)).copied().collect();
        Self::new(self.columns, values)
    }

    /// All values, `[rows, columns]`.
    pub fn values(&self) -> &[f32] {
        &self.values
    }
}

/// Prepared rows with their classes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Examples {
    /// `[rows, features]`.
    pub features: Matrix,
    /// `[rows]`, each below the number of classes.
    pub labels: Vec<u32>,
}

impl Examples {
    /// The given rows, in that order.
    #[must_use]
    pub fn pick(&self, rows: &[usize]) -> Self {
        Self {
            features: self.features.pick(rows),
            labels: rows.iter().map(|&row| self.labels[row]).collect(),
        }
    }
}

/// A part of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Rows that preparation and networks are fitted on.
    Train,
    /// Rows that choose the winner.
    Valid,
    /// Rows that nothing is chosen by.
    Test,
}

impl Part {
    /// The three parts, in the order of every table.
    pub const ALL: [Self; 3] = [Self::Train, Self::Valid, Self::Test];

    /// The name used in tables and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
        }
    }
}

/// One split of the table, prepared: what a trial is trained and judged on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fold {
    /// Rows to train on.
    pub train: Examples,
    /// Rows to choose by.
    pub valid: Examples,
    /// Rows to report on.
    pub test: Examples,
    /// The names of the features, in order.
    pub names: Vec<String>,
    /// Places of the features that are numbers, ascending: those that are no indicators.
    pub numbers: Vec<usize>,
    /// Places of the features whose numbers are categories, ascending.
    pub categories: Vec<usize>,
}

impl Fold {
    /// The rows of a part.
    pub fn part(&self, part: Part) -> &Examples {
        match part {
            Part::Train => &self.train,
            Part::Valid => &self.valid,
            Part::Test => &self.test,
        }
    }

    /// The largest number of a category in the train rows.
    pub fn most_categories(&self) -> usize {
        let rows = &self.train.features;
        let of_column = |&column: &usize| {
            let cells = rows.values().iter().skip(column).step_by(rows.columns().max(1));
            cells.fold(0.0_f32, |most, cell| most.max(*cell)) as usize
        };
        self.categories.iter().map(of_column).max().unwrap_or(0)
    }

    /// The rows of a part, to be set.
    pub fn part_mut(&mut self, part: Part) -> &mut Examples {
        match part {
            Part::Train => &mut self.train,
            Part::Valid => &mut self.valid,
            Part::Test => &mut self.test,
        }
    }
}
