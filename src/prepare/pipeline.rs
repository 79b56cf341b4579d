//! The fitted part of preparation: filling, encoding, scaling. Figures come from train rows alone.

use polars::prelude::{Column, DataFrame};
use serde::{Deserialize, Serialize};

use super::{Kind, PrepareError};
use crate::data::{TrainRows, labels};
use crate::examples::Matrix;
use crate::spec::{Missing, Prepare, Scale, UnseenCategory};

/// How one feature is prepared, with the figures of the train rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fitted {
    /// (value - center) / scale, one input.
    Numeric {
        /// What missing cells become.
        fill: Option<f64>,
        /// What is subtracted.
        center: f64,
        /// What is divided by; 1 for a constant column.
        scale: f64,
    },
    /// One-hot, one input a category.
    Categorical {
        /// What missing cells become.
        fill: Option<String>,
        /// The categories in alphabetical order.
        categories: Vec<String>,
    },
}

impl Fitted {
    /// The kind of feature that is prepared so.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Numeric { .. } => Kind::Numeric,
            Self::Categorical { .. } => Kind::Categorical,
        }
    }
}

/// A feature and how it is prepared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FittedColumn {
    /// The feature's name.
    pub name: String,
    /// How it is prepared.
    pub fitted: Fitted,
}

/// The fitted preparation of all features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// The features in the order of the network's inputs.
    pub columns: Vec<FittedColumn>,
    /// What to do about categories that the train rows did not hold.
    pub unseen_category: UnseenCategory,
}

/// Prepared rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Transformed {
    /// `[rows, inputs]`.
    pub matrix: Matrix,
    /// Cells whose category the train rows did not hold, encoded as zeros.
    pub unseen: usize,
}

impl Pipeline {
    /// Fits the preparation of every column of the train rows. `path` is named in errors.
    ///
    /// # Errors
    /// [`PrepareError::TooLarge`] where a column's deviation is beyond 64-bit floats.
    pub fn fit(train: &TrainRows, how: &Prepare, path: &str) -> Result<Self, PrepareError> {
        let mut columns = Vec::new();
        for column in train.frame().columns() {
            let name = column.name().to_string();
            let fitted = match column.f64() {
                Ok(numbers) => fit_numbers(&numbers.iter().collect::<Vec<_>>(), how),
                Err(_) => Some(fit_categories(column, how.missing)),
            };
            let Some(fitted) = fitted else {
                return Err(PrepareError::TooLarge { path: path.to_owned(), column: name });
            };
            columns.push(FittedColumn { name, fitted });
        }
        Ok(Self { columns, unseen_category: how.unseen_category })
    }

    /// Number of the network's inputs.
    pub fn inputs(&self) -> usize {
        let width = |column: &FittedColumn| match &column.fitted {
            Fitted::Numeric { .. } => 1,
            Fitted::Categorical { categories, .. } => categories.len(),
        };
        self.columns.iter().map(width).sum()
    }

    /// Names of the network's inputs: the feature's, or `feature=category`.
    pub fn input_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for column in &self.columns {
            match &column.fitted {
                Fitted::Numeric { .. } => names.push(column.name.clone()),
                Fitted::Categorical { categories, .. } => {
                    names.extend(categories.iter().map(|one| format!("{}={one}", column.name)));
                }
            }
        }
        names
    }

    /// Prepares the given rows of a frame that has the pipeline's columns in order; a row's values
    /// do not depend on the other rows. `path` is named in errors.
    ///
    /// # Errors
    /// [`PrepareError`] names the row and column of a missing, infinite or unseen value.
    pub fn transform(
        &self,
        frame: &DataFrame,
        rows: &[usize],
        path: &str,
    ) -> Result<Transformed, PrepareError> {
        let inputs = self.inputs();
        let mut output = Output { values: vec![0.0; rows.len() * inputs], inputs, offset: 0 };
        let mut unseen = 0;
        for (fitted, column) in self.columns.iter().zip(frame.columns()) {
            let place = Place { path, column: &fitted.name };
            match &fitted.fitted {
                Fitted::Numeric { fill, center, scale } => {
                    let cells: Vec<Option<f64>> =
                        column.f64().map(|cells| cells.iter().collect()).unwrap_or_default();
                    for (at, &row) in rows.iter().enumerate() {
                        let cell = cells[row].or(*fill).ok_or_else(|| place.no_fill(row))?;
                        let value = ((cell - center) / scale) as f32;
                        if !value.is_finite() {
                            return Err(place.not_finite(row, cell));
                        }
                        output.set(at, 0, value);
                    }
                    output.offset += 1;
                }
                Fitted::Categorical { fill, categories } => {
                    let cells = labels(column);
                    for (at, &row) in rows.iter().enumerate() {
                        let cell = cells[row].as_ref().or(fill.as_ref());
                        let cell = cell.ok_or_else(|| place.no_fill(row))?;
                        match categories.binary_search(cell) {
                            Ok(category) => output.set(at, category, 1.0),
                            Err(_) if self.unseen_category == UnseenCategory::Ignore => unseen += 1,
                            Err(_) => return Err(place.unseen(row, cell, categories)),
                        }
                    }
                    output.offset += categories.len();
                }
            }
        }
        Ok(Transformed { matrix: Matrix::new(inputs, output.values), unseen })
    }
}

/// Prepared values while they are filled in, column by column.
struct Output {
    /// `[rows, inputs]`.
    values: Vec<f32>,
    inputs: usize,
    /// First input of the current column.
    offset: usize,
}

impl Output {
    fn set(&mut self, row: usize, input: usize, value: f32) {
        self.values[row * self.inputs + self.offset + input] = value;
    }
}

/// A column, for error messages; rows count from 0 here and from 1 there.
struct Place<'a> {
    path: &'a str,
    column: &'a str,
}

impl Place<'_> {
    fn no_fill(&self, row: usize) -> PrepareError {
        let (path, column) = (self.path.to_owned(), self.column.to_owned());
        PrepareError::NoFill { path, column, row: row + 1 }
    }

    fn not_finite(&self, row: usize, value: f64) -> PrepareError {
        let (path, column) = (self.path.to_owned(), self.column.to_owned());
        PrepareError::NotFinite { path, column, row: row + 1, value }
    }

    fn unseen(&self, row: usize, value: &str, categories: &[String]) -> PrepareError {
        PrepareError::UnseenCategory {
            path: self.path.to_owned(),
            column: self.column.to_owned(),
            row: row + 1,
            value: value.to_owned(),
            known: categories.join(", "),
        }
    }
}

/// Nothing where the figures are beyond 64-bit floats.
fn fit_numbers(cells: &[Option<f64>], how: &Prepare) -> Option<Fitted> {
    let there: Vec<f64> = cells.iter().copied().flatten().collect();
    let fill = match how.missing {
        Missing::Error | Missing::DropRows => None,
        Missing::Mean => Some(mean(&there)),
        Missing::Median => Some(median(&there)),
        Missing::MostFrequent => Some(most_frequent(&there)),
    };
    // The scaler sees the column as the network will: with its gaps filled.
    let values: Vec<f64> = cells.iter().filter_map(|cell| cell.or(fill)).collect();
    let (center, scale) = match how.scale {
        _ if values.is_empty() => (0.0, 1.0),
        Scale::None => (0.0, 1.0),
        Scale::Standard => {
            let mean = mean(&values);
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            (mean, (squares / values.len() as f64).sqrt())
        }
        Scale::MinMax => {
            let low = values.iter().copied().fold(f64::INFINITY, f64::min);
            let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            (low, high - low)
        }
    };
    // A constant column: what is left of its deviation is rounding.
    let constant = scale <= 10.0 * f64::EPSILON * center.abs();
    let scale = if constant { 1.0 } else { scale };
    let finite = center.is_finite() && scale.is_finite() && fill.is_none_or(f64::is_finite);
    finite.then_some(Fitted::Numeric { fill, center, scale })
}

fn fit_categories(column: &Column, missing: Missing) -> Fitted {
    let cells: Vec<String> = labels(column).into_iter().flatten().collect();
    let mut categories = cells.clone();
    categories.sort();
    categories.dedup();
    let fill = match missing {
        Missing::Error | Missing::DropRows => None,
        Missing::Mean | Missing::Median | Missing::MostFrequent => {
            let count = |category: &&String| cells.iter().filter(|cell| cell == category).count();
            // The first of equals, as scikit-learn's SimpleImputer: max_by_key keeps the last.
            categories.iter().rev().max_by_key(count).cloned()
        }
    };
    Fitted::Categorical { fill, categories }
}

/// The mean; 0 of none.
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The middle value, or the mean of the two in the middle; 0 of none.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    let lower = sorted.get((sorted.len().max(1) - 1) / 2).copied().unwrap_or(0.0);
    f64::midpoint(lower, upper)
}

/// The value that occurs most often, the smallest of equals; 0 of none.
fn most_frequent(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut best = (0, 0.0);
    for run in sorted.chunk_by(|one, other| one.total_cmp(other).is_eq()) {
        if run.len() > best.0 {
            best = (run.len(), run[0]);
        }
    }
    best.1
}
